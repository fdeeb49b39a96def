import { printable, ZvmError } from "../../base/index.ts";
import type { ContainerEntry, ObjectEntry } from "../../zerocloud/client/index.ts";
import { CLOUD_NOTES, CLOUD_OPTIONS, type CloudWork, shownSize, withCloud } from "../cloud.ts";
import { ownAddress } from "../cloud-address.ts";
import { type Command, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";

/** `zerovm ls`. */
export const LS: Command = {
  name: "ls",
  usage: ["[-l] [-d] [--json] [CONTAINER[/PREFIX]]"],
  description:
    "Lists the containers of the account, or the objects of a container whose names begin with\n" +
    "PREFIX, in the order of their names. Lists are printed as they arrive, however long they are.",
  options: [
    { name: "long", short: "l", help: "Sizes, times and types as well" },
    { name: "folders", short: "d", help: "Names up to the next slash only, as folders" },
    ...CLOUD_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm ls", does: "the containers" },
    { line: "zerovm ls -l logs/2026-", does: "objects of logs whose names begin so" },
  ],
  notes: CLOUD_NOTES,
  run: async (parsed) => {
    if (parsed.operands.length > 1)
      throw new ZvmError("ZVM_USAGE", "zerovm ls: name one CONTAINER");
    return await withCloud(parsed, "the list is not whole", (cloud) => list(cloud, parsed));
  },
};

async function list({ client, signal }: CloudWork, parsed: ParsedOptions): Promise<number> {
  const [name] = parsed.operands;
  const isLong = parsed.has("long");
  const line = parsed.has("json")
    ? (entry: unknown) => JSON.stringify(entry)
    : (entry: ContainerEntry | ObjectEntry) => lineOf(entry, isLong);
  if (name === undefined) return await printAll(client.containers({ signal }), line, parsed);
  const { container, object: prefix } = await ownAddress(client, name);
  const options = { prefix, signal, ...(parsed.has("folders") && { delimiter: "/" }) };
  return await printAll(client.objects(container, options), line, parsed);
}

async function printAll<Entry>(
  entries: AsyncIterable<Entry>,
  line: (entry: Entry) => string,
  parsed: ParsedOptions,
): Promise<number> {
  const isJson = parsed.has("json");
  let count = 0;
  for await (const entry of entries) {
    if (isJson) print(`${count === 0 ? "[" : ","}${line(entry)}`);
    else print(line(entry));
    count += 1;
  }
  if (isJson) print(count === 0 ? "[]" : "]");
  return 0;
}

function lineOf(entry: ContainerEntry | ObjectEntry, isLong: boolean): string {
  const name = printable(entry.name);
  if (!isLong) return name;
  const size = (bytes: number): string => shownSize(bytes).padStart(6);
  if (!("kind" in entry))
    return `${size(entry.bytes)}  ${String(entry.objects).padStart(8)}  ${name}`;
  if (entry.kind === "prefix") return `${size(0).replace("0", "-")}  ${"".padEnd(19)}  ${name}`;
  const time = printable(entry.lastModified).slice(0, 19).padEnd(19);
  return `${size(entry.bytes)}  ${time}  ${name}  ${printable(entry.contentType)}`;
}
