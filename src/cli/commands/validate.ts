import { printable, ZvmError } from "../../base/index.ts";
import { type FileFinding, type FileVerdict, validateFile } from "../../zerovm/index.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";

const POLICIES = ["zerovm", "nacl"] as const;
const REFUSED_STATUS = 126;
/** More are read by nobody; a pipe or a file has all that were found. */
const TERMINAL_FINDINGS_MAX = 100;

/** `zerovm validate`: every finding of the validator in a program file. */
export const VALIDATE: Command = {
  name: "validate",
  usage: ["[--policy zerovm|nacl] [--raw] [--all] [--json] FILE"],
  description:
    "Judges a nexe, or a WebAssembly module, without running it. Prints a line OFFSET: REASON for\n" +
    "everything that is wrong; offsets are hexadecimal, from the start of the code.",
  options: [
    {
      name: "policy",
      value: "zerovm|nacl",
      choices: POLICIES,
      help: "Whose rules a nexe is judged by, zerovm unless given",
    },
    { name: "raw", help: "The file is bare code, of a length that is a multiple of 32" },
    {
      name: "all",
      help: `Print more than ${TERMINAL_FINDINGS_MAX} findings to a terminal as well`,
    },
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm validate tool.nexe", does: "say why ZeroVM would refuse a program" },
    {
      line: "zerovm validate --policy nacl --raw code.bin",
      does: "judge bare code by the rules of current Native Client",
    },
  ],
  notes: "Exit status: 0 valid, 126 not, 125 the file cannot be read. Warnings: standard error.",
  run: async (parsed) => await validate(parsed),
};

async function validate(parsed: ParsedOptions): Promise<number> {
  const [file] = parsed.operands;
  if (file === undefined || parsed.operands.length > 1) {
    throw new ZvmError("ZVM_USAGE", "zerovm validate: name one FILE");
  }
  const policy = POLICIES.find((candidate) => candidate === parsed.last("policy")) ?? "zerovm";
  const verdict = await validateFile(file, { policy, raw: parsed.has("raw") });
  if (parsed.has("json")) print(JSON.stringify(verdict, null, 2));
  else show(verdict, process.stdout.isTTY && !parsed.has("all"));
  return verdict.valid ? 0 : REFUSED_STATUS;
}

function show(verdict: FileVerdict, isShort: boolean): void {
  const { findings, moreFindings, warnings, moreWarnings } = verdict;
  const most = isShort ? TERMINAL_FINDINGS_MAX : findings.length;
  if (warnings.length > 0) complain(linesOf(warnings));
  if (moreWarnings > 0) complain(`and ${moreWarnings} more warnings`);
  if (findings.length > 0) print(linesOf(findings.slice(0, most)));
  const left = Math.max(findings.length - most, 0) + moreFindings;
  if (left === 0) return;
  const shows = findings.length > most ? ": --all or --json shows them" : "";
  complain(`and ${left} more findings${shows}`);
}

function linesOf(findings: readonly FileFinding[]): string {
  const lines = findings.map(
    ({ offset = 0, reason }) => `${offset.toString(16)}: ${printable(reason)}`,
  );
  return lines.join("\n");
}
