import { AssemblyError, BadText } from "./assembly-error.ts";
import type { PrefixWord } from "./encode.ts";
import { type Expression, parseExpression } from "./expression.ts";
import { expandMacro } from "./macros.ts";
import { type Candidate, candidatesOf, type Pairing, pairOperands } from "./match.ts";
import { type OperandText, parseOperand, splitOperands } from "./operand-text.ts";

/** One thing that a line says, with the line for messages. */
export type Statement = { readonly line: number; readonly text: string } & (
  | { readonly kind: "label"; readonly name: string }
  | { readonly kind: "constant"; readonly name: string; readonly value: Expression }
  | { readonly kind: "directive"; readonly name: string; readonly arguments: readonly string[] }
  | {
      readonly kind: "instruction";
      readonly prefix: PrefixWord | undefined;
      readonly choices: readonly (readonly [Candidate, Pairing])[];
    }
);

const LINES_MAX = 1_000_000;

/** Reads all lines of an assembly text; throws `AssemblyError`. */
export function parseStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  const lines = withoutBlockComments(text).split("\n", LINES_MAX);
  for (const [at, line] of lines.entries()) {
    try {
      for (const part of splitStatements(line)) readPart(part, at + 1, line, statements);
    } catch (error) {
      if (error instanceof BadText) throw new AssemblyError(error.message, at + 1, line);
      throw error;
    }
  }
  return statements;
}

function withoutBlockComments(text: string): string {
  return text.replace(/\/\*.*?\*\//gs, (comment) => comment.replace(/[^\n]/g, ""));
}

/** The parts of a line between `;`, without its comment; quoted text is left alone. */
function splitStatements(line: string): string[] {
  const parts = [""];
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    if (!quoted && (character === "#" || line.startsWith("//", at))) break;
    if (!quoted && character === ";") parts.push("");
    else parts[parts.length - 1] += character;
    if (quoted && character === "\\") parts[parts.length - 1] += line[++at] ?? "";
    else if (character === '"') quoted = !quoted;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function readPart(part: string, line: number, text: string, statements: Statement[]): void {
  const label = /^([A-Za-z_.$][\w.$]*)\s*:/.exec(part);
  if (label !== null) {
    statements.push({ line, text, kind: "label", name: label[1] ?? "" });
    const rest = part.slice(label[0].length).trim();
    if (rest !== "") readPart(rest, line, text, statements);
    return;
  }
  const constant = /^([A-Za-z_.$][\w.$]*)\s*=(.*)$/.exec(part);
  if (constant !== null) {
    const value = parseExpression(constant[2] ?? "");
    statements.push({ line, text, kind: "constant", name: constant[1] ?? "", value });
    return;
  }
  const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(part) ?? [];
  if (word.startsWith(".")) {
    statements.push({ line, text, ...directiveOf(word, splitOperands(rest)) });
    return;
  }
  const expansion = expandMacro(word, rest);
  if (expansion === undefined) statements.push({ line, text, ...instructionOf(word, rest) });
  else for (const inner of expansion) readPart(inner, line, text, statements);
}

function directiveOf(word: string, parts: readonly string[]) {
  const trimmed = parts.map((part) => part.trim());
  if (word !== ".set" && word !== ".equ") {
    return { kind: "directive", name: word, arguments: trimmed } as const;
  }
  const [name = "", value = ""] = trimmed;
  return { kind: "constant", name, value: parseExpression(value) } as const;
}

const PREFIX_WORDS: Readonly<Record<string, PrefixWord>> = {
  lock: "lock",
  rep: "rep",
  repe: "repz",
  repz: "repz",
  repne: "repnz",
  repnz: "repnz",
};

function instructionOf(word: string, rest: string) {
  const prefix = PREFIX_WORDS[word];
  const [, second = "", others = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  const written = prefix === undefined ? word : second;
  const operands = completed(
    written,
    splitOperands(prefix === undefined ? rest : others).map(parseOperand),
  );
  const name = comparisonOf(written)?.name ?? written;
  const candidates = candidatesOf(name);
  if (candidates.length === 0) throw new BadText(`unknown instruction "${name}"`);
  const choices = candidates.flatMap((candidate) => {
    const pairing = pairOperands(candidate, operands);
    return pairing === undefined ? [] : [[candidate, pairing] as const];
  });
  if (choices.length === 0) throw new BadText(`"${name}" does not take these operands`);
  if (sizesDiffer(choices)) throw new BadText(`"${name}" needs a suffix for the size`);
  return { kind: "instruction", prefix, choices } as const;
}

/** The register cl. */
const COUNT: OperandText = {
  kind: "register",
  file: "general",
  number: 1,
  size: 1,
  indirect: false,
};

const ONE: OperandText = { kind: "immediate", value: { kind: "number", value: 1n } };

/** Comparisons of floats, whose kind is a number in the instruction: SSE has the first eight. */
const COMPARISON = /^(v?)cmp([a-z_]+)([sp][sd])$/;
const COMPARISONS = `
  eq lt le unord neq nlt nle ord eq_uq nge ngt false neq_oq ge gt true
  eq_os lt_oq le_oq unord_s neq_us nlt_uq nle_uq ord_s
  eq_us nge_uq ngt_uq false_os neq_os ge_oq gt_oq true_us`
  .trim()
  .split(/\s+/);

interface Comparison {
  /** That of the instruction. */
  readonly name: string;
  readonly constant: number;
  /** Operands beside the constant. */
  readonly count: number;
}

function comparisonOf(written: string): Comparison | undefined {
  const [, vex, kind = "", lanes] = COMPARISON.exec(written) ?? [];
  const constant = COMPARISONS.indexOf(kind);
  if (constant < 0 || (vex === "" && constant > 7)) return undefined;
  return { name: `${vex}cmp${lanes}`, constant, count: vex === "" ? 2 : 3 };
}

/** Adds what is left out, or in the name: a shift's count, a product's source, a comparison. */
function completed(name: string, operands: readonly OperandText[]): readonly OperandText[] {
  const [first, second] = operands;
  if (second === undefined && /^(ro[lr]|rc[lr]|s[ah][lr])[bwlq]?$/.test(name)) {
    return [ONE, ...operands];
  }
  if (operands.length === 2 && /^sh[lr]d[wlq]?$/.test(name)) return [COUNT, ...operands];
  const comparison = comparisonOf(name);
  if (comparison?.count === operands.length) {
    const value = BigInt(comparison.constant);
    return [{ kind: "immediate", value: { kind: "number", value } }, ...operands];
  }
  const isProduct = /^imul[wlq]?$/.test(name) && operands.length === 2;
  return isProduct && first?.kind === "immediate" && second !== undefined
    ? [first, second, second]
    : operands;
}

/** Whether nothing says how much memory is meant, as in `add $1,(%rsp)`. */
function sizesDiffer(choices: readonly (readonly [Candidate, Pairing])[]): boolean {
  const sizes = new Set(choices.map(([{ size }]) => size));
  if (sizes.size < 2) return false;
  const hasRegister = choices.some(([, pairing]) =>
    pairing.some(([, text]) => text.kind === "register"),
  );
  return !hasRegister && choices.some(([{ form }]) => form.names[0]?.endsWith("*"));
}
