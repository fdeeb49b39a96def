import { type Diagnostic, formatDiagnostic, printable, ZvmError } from "../../base/index.ts";
import { hashKey, KEY_BYTES_MAX } from "../../zerocloud/auth/index.ts";
import { parseConfig, resolveConfig } from "../../zerocloud/config/index.ts";
import { type Command, JSON_OPTION, print } from "../command.ts";
import { judgeImages } from "../judge-images.ts";
import type { ParsedOptions } from "../options.ts";
import { readNamedText } from "../read-text.ts";
import { counted, FOUND_STATUS, showFindings } from "../show-findings.ts";

/** `zerovm config`. */
export const CONFIG: Command = {
  name: "config",
  usage: ["check [--json] FILE", "show [--config FILE] [--json]", "key"],
  description:
    "Looks at the configuration of the server. check finds all that is wrong with a file; of one that\n" +
    "is right it opens the images. show prints the value of every key and where it came from: the\n" +
    "default, a line of the file, or a variable of the environment. key reads a key from standard\n" +
    "input and prints its hash for an accounts file.",
  options: [
    { name: "config", value: "FILE", isPath: true, help: "For show: the file of the server" },
    JSON_OPTION,
  ],
  words: ["check", "show", "key"],
  examples: [
    { line: "zerovm config check server.yaml", does: "every finding with its line" },
    { line: "zerovm config show --config server.yaml", does: "what would hold, and why" },
    { line: "zerovm config key < key.txt", does: "a hash that can stand for the key" },
  ],
  notes: "Exit status: 0 nothing is wrong, 1 there are findings, 125 a file cannot be read.",
  run: async (parsed) => await configCommand(parsed),
};

async function configCommand(parsed: ParsedOptions): Promise<number> {
  const [verb, file, ...more] = parsed.operands;
  const isCheck = verb === "check" && file !== undefined && !parsed.has("config");
  if (isCheck && more.length === 0) return await check(file, parsed.has("json"));
  if (verb === "show" && file === undefined) return show(parsed);
  if (verb === "key" && file === undefined) return await printHash();
  const wanted = "check FILE, show or key";
  throw new ZvmError("ZVM_USAGE", `zerovm config: say ${wanted}; see 'zerovm config --help'`);
}

async function check(file: string, isJson: boolean): Promise<number> {
  const parsed = parseConfig(textOf(file));
  const findings = [...parsed.findings, ...(await judgeImages(file, parsed))];
  if (isJson) print(JSON.stringify({ file, findings }, null, 2));
  else {
    showFindings(file, findings);
    print(`${printable(file)}: ${counted(findings.length, "error")}`);
  }
  return findings.length === 0 ? 0 : FOUND_STATUS;
}

function show(parsed: ParsedOptions): number {
  const path = parsed.last("config");
  const { config, origins, findings } = resolveConfig({
    ...(path !== undefined && { file: { path, text: textOf(path) } }),
    environment: process.env,
    folder: process.cwd(),
  });
  if (parsed.has("json")) print(JSON.stringify({ config, origins, findings }, null, 2));
  else if (config === undefined) showFindings(path ?? "<environment>", findings);
  else print(valueTable(Object.entries(config), origins));
  return config === undefined ? FOUND_STATUS : 0;
}

function valueTable(
  values: readonly (readonly [string, unknown])[],
  origins: Readonly<Record<string, string>>,
): string {
  const rows = values.map(([key, value]) => {
    const text = value === undefined ? "-" : printable(JSON.stringify(value));
    return [key, text, printable(origins[key] ?? "")] as const;
  });
  const widths = [0, 1].map((at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  return rows
    .map(
      ([key, text, origin]) =>
        `${key.padEnd(widths[0] ?? 0)}  ${text.padEnd(widths[1] ?? 0)}  ${origin}`,
    )
    .join("\n");
}

async function printHash(): Promise<number> {
  const key = textOf("-").replace(/\r?\n$/, "");
  if (key === "" || /\s/.test(key) || Buffer.byteLength(key) > KEY_BYTES_MAX) {
    const message = `A key has 1 to ${KEY_BYTES_MAX} bytes and no blanks; give it on standard input`;
    throw new ZvmError("ZVM_USAGE", `zerovm config key: ${message}`);
  }
  print(await hashKey(key));
  return 0;
}

function textOf(file: string): string {
  const bytes = readNamedText(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const found: Diagnostic = { severity: "error", message: "It is no UTF-8", line: 1 };
    throw new ZvmError("ZVM_FILE", formatDiagnostic(printable(file), found), { cause });
  }
}
