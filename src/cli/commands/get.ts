import { basename, join } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import type { SwiftClient } from "../../zerocloud/client/index.ts";
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
  notes: CLOUD_NOTES,
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
  const wanted = parsed.has("recursive")
    ? await objectsBelow(client, container, object, output ?? ".", signal)
    : [{ object, path: output ?? basename(object) }];
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
    } finally {
      line.end();
    }
  }
  if (parsed.has("json")) print(JSON.stringify(got, null, 2));
  return 0;
}

/** Names come from the store: none of them may lead out of the folder. */
async function objectsBelow(
  client: SwiftClient,
  container: string,
  prefix: string,
  folder: string,
  signal: AbortSignal,
): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  for await (const { name } of client.objects(container, { prefix, signal })) {
    if (name.endsWith("/")) continue;
    const isOdd = name.split("/").some((part) => ["", ".", ".."].includes(part));
    if (isOdd || name.includes("\0")) {
      complain(
        `zerovm: warning: ${shownAddress(container, name)} has no name that a file could have`,
      );
    } else wanted.push({ object: name, path: join(folder, name) });
  }
  return wanted;
}
