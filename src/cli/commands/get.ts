import { basename, join } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import { ServiceError, type SwiftClient } from "../../zerocloud/client/index.ts";
import { CLOUD_NOTES, CLOUD_OPTIONS, type CloudWork, shownAddress, withCloud } from "../cloud.ts";
import { ownAddress } from "../cloud-address.ts";
import { fetchFile } from "../cloud-files.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { ProgressLine } from "../progress.ts";

/** `zerovm get`. */
export const GET: Command = {
  name: "get",
  usage: ["[-o FILE] CONTAINER/OBJECT", "-r [-o DIR] CONTAINER[/PREFIX]"],
  description:
    "Gets an object into a file of its last name, or FILE; with -r all objects whose names begin with\n" +
    "PREFIX into files below DIR. What has arrived of one is FILE.part until it is whole: a download\n" +
    "that ended early goes on where it was. Digests are compared.",
  options: [
    { name: "output", short: "o", value: "FILE", isPath: true, help: "The file, or the folder" },
    { name: "recursive", short: "r", help: "All objects that begin with PREFIX" },
    ...CLOUD_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm get logs/monday.log", does: "an object into the file monday.log" },
    { line: "zerovm get -r -o copy logs/2026/", does: "all of them, below the folder copy" },
  ],
  notes: `${CLOUD_NOTES}\nExit status: 1 where -r left out an object that can be no file, or that was gone.`,
  run: async (parsed) => {
    if (parsed.operands.length !== 1) {
      throw new ZvmError("ZVM_USAGE", "zerovm get: name one CONTAINER/OBJECT");
    }
    const undone = "what has arrived is in FILE.part, and the same command goes on with it";
    return await withCloud(parsed, undone, (cloud) => get(cloud, parsed));
  },
};

interface Wanted {
  readonly object: string;
  readonly path: string;
}

async function get({ client, signal }: CloudWork, parsed: ParsedOptions): Promise<number> {
  const { container, object } = await ownAddress(client, parsed.operands[0] ?? "");
  const output = parsed.last("output");
  if (!parsed.has("recursive") && (object === "" || object.endsWith("/"))) {
    throw new ZvmError("ZVM_USAGE", "zerovm get: name an OBJECT, or use -r for all of them");
  }
  const isMany = parsed.has("recursive");
  const { wanted, ...listed } = isMany
    ? await objectsBelow(client, container, object, output ?? ".", signal)
    : { wanted: [{ object, path: output ?? basename(object) }], isWhole: true };
  let { isWhole } = listed;
  const got: { container: string; object: string; path: string; sizeBytes: number }[] = [];
  for (const one of wanted) {
    const line = new ProgressLine(`Getting ${shownAddress(container, one.object)}`);
    const onProgress = (done: number, total: number): void => {
      line.update(done, total, `${done} bytes`);
    };
    try {
      const options = { signal, onProgress };
      const sizeBytes = await fetchFile(client, container, one.object, one.path, options);
      got.push({ container, ...one, sizeBytes });
      if (!parsed.has("json")) print(`${printable(one.path)}: ${sizeBytes} bytes`);
    } catch (error) {
      const isGone = error instanceof ServiceError && error.status === 404;
      if (!isMany || !isGone) throw error;
      line.end();
      complain(`zerovm: ${shownAddress(container, one.object)} is left out: it is gone`);
      isWhole = false;
    } finally {
      line.end();
    }
  }
  if (parsed.has("json")) print(JSON.stringify(got, null, 2));
  return isWhole ? 0 : LEFT_OUT_STATUS;
}

const LEFT_OUT_STATUS = 1;

/** Names come from the store: none of them may lead out of the folder. */
async function objectsBelow(
  client: SwiftClient,
  container: string,
  prefix: string,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly wanted: Wanted[]; readonly isWhole: boolean }> {
  const wanted: Wanted[] = [];
  const files = new Set<string>();
  let isWhole = true;
  for await (const { name } of client.objects(container, { prefix, signal })) {
    if (name.endsWith("/")) continue;
    const fault = faultOf(name, files);
    if (fault !== undefined) {
      complain(`zerovm: ${shownAddress(container, name)} is left out: ${fault}`);
      isWhole = false;
      continue;
    }
    files.add(name);
    wanted.push({ object: name, path: join(folder, name) });
  }
  return { wanted, isWhole };
}

/** Why an object can be no file beside the others, which come in the order of their names. */
function faultOf(name: string, files: ReadonlySet<string>): string | undefined {
  const parts = name.split("/");
  const isOdd = parts.some((part) => ["", ".", ".."].includes(part));
  if (isOdd || name.includes("\0")) return "no file could have its name";
  const above = parts.map((_, at) => parts.slice(0, at).join("/"));
  const file = above.find((folder) => files.has(folder));
  return file === undefined ? undefined : `${printable(file)} is a file, and no folder`;
}
