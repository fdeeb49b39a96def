import { statSync } from "node:fs";
import { type Diagnostic, formatDiagnostic, ZvmError } from "../../base/index.ts";
import {
  checkText,
  checkWrites,
  parseManifest,
  reasonOf,
  type TextKind,
} from "../../zerovm/index.ts";
import { type Command, complain, JSON_OPTION, print, shownFile } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { readText, TEXT_BYTES_MAX } from "../read-text.ts";

const KINDS = ["manifest", "nvram"] as const satisfies readonly TextKind[];
const FOUND_STATUS = 1;

/** `zerovm check`: every finding of a text file, without running anything. */
export const CHECK: Command = {
  name: "check",
  usage: ["[--kind manifest|nvram] [--json] FILE…"],
  description:
    "Checks manifest and nvram files and shows every finding with line and column.\n" +
    "A file with a [section] line is taken for nvram, any other for a manifest.",
  options: [
    { name: "kind", value: "manifest|nvram", choices: KINDS, help: "What the files are" },
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm check job.manifest", does: "show all findings of a manifest" },
    { line: "zerovm check --kind nvram nvram.txt", does: "check the configuration of a guest" },
  ],
  notes: "Exit status: 0 no errors, 1 errors found, 125 a file cannot be read.",
  run: async (parsed) => check(parsed),
};

interface Checked {
  readonly file: string;
  readonly kind: string;
  readonly diagnostics: readonly Diagnostic[];
}

function check(parsed: ParsedOptions): number {
  const kind = KINDS.find((candidate) => candidate === parsed.last("kind"));
  if (parsed.operands.length === 0) {
    throw new ZvmError("ZVM_USAGE", "zerovm check: name at least one FILE");
  }
  const checked = parsed.operands.map((file) => checkFile(file, kind));
  if (parsed.has("json")) print(JSON.stringify(checked, null, 2));
  else for (const one of checked) show(one);
  const isClean = checked.every(({ diagnostics }) =>
    diagnostics.every((found) => found.severity === "warning"),
  );
  return isClean ? 0 : FOUND_STATUS;
}

function checkFile(file: string, asked: TextKind | undefined): Checked {
  const text = read(file);
  const { kind, diagnostics } = checkText(text, asked);
  const { manifest } = kind === "manifest" ? parseManifest(text) : {};
  if (manifest === undefined) return { file, kind, diagnostics };
  const own = file === "-" ? [] : [{ role: "the manifest", path: file }];
  return { file, kind, diagnostics: [...checkWrites(manifest, own), ...diagnostics] };
}

function show({ file, kind, diagnostics }: Checked): void {
  for (const found of diagnostics) complain(formatDiagnostic(shownFile(file), found));
  const errors = diagnostics.filter((found) => found.severity === "error").length;
  const warnings = diagnostics.length - errors;
  print(`${shownFile(file)}: ${kind}, ${count(errors, "error")}, ${count(warnings, "warning")}`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** A device gives as many bytes as anybody asks for. */
function isEndless(file: string): boolean {
  return !statSync(file).isFile();
}

function read(file: string): Uint8Array {
  try {
    const text = readText(file);
    if (file !== "-" && text.length === TEXT_BYTES_MAX && isEndless(file)) {
      throw new Error("it is no regular file");
    }
    return text;
  } catch (cause) {
    const message = `Cannot read ${shownFile(file)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
