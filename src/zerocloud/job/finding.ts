import { type Diagnostic, printable } from "../../base/index.ts";
import { RULES, type RuleName } from "./rules.ts";
import type { JobPlace } from "./text-places.ts";

/** What is wrong with a job, and where. */
export interface JobFinding extends Diagnostic {
  /** The rule that is broken: stable, the message is not. */
  readonly rule: RuleName;
  /** JSON pointer to the place, as `/0/devices/2/path`; empty for the whole job. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** HTTP status of a refusal for this; 200 for a warning. */
  readonly status: number;
}

/** The parts of the job that a message names. */
export type FindingWords = Readonly<Record<string, string | number>>;

/** What helps the user further. */
export interface FindingAdvice {
  readonly expected?: string;
  readonly hint?: string;
}

const SHOWN_CHARACTERS = 80;

/** A part of the job in a message: safe to print and not too long. */
export function shownWord(word: string | number): string {
  const text = String(word);
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  // Backslashes stay single: parts that are JSON have escapes of their own.
  return printable(cut)
    .replaceAll("\\\\", "\\")
    .replace(/\p{Surrogate}/gu, "\ufffd");
}

/** A finding whose message ends with its place: `Invalid node count: 0 (/0/count)`. */
export function makeFinding(
  rule: RuleName,
  place: JobPlace,
  words: FindingWords = {},
  advice: FindingAdvice = {},
): JobFinding {
  const { text, status } = RULES[rule];
  const filled = text.replace(/\{(\w+)\}/g, (_, word: string) => shownWord(words[word] ?? ""));
  const { path, line, column } = place;
  const where = path === "" ? "" : ` (${shownPath(path)})`;
  const severity = status === 200 ? "warning" : "error";
  return { severity, message: `${filled}${where}`, rule, path, line, column, status, ...advice };
}

/** Keys are the sender's: a path is shown like all else. */
function shownPath(path: string): string {
  return path.length <= SHOWN_CHARACTERS ? shownWord(path) : `…${shownWord(path.slice(-60))}`;
}

export function hasErrors(findings: readonly JobFinding[]): boolean {
  return findings.some(({ severity }) => severity === "error");
}

/**
 * Findings in the order of the text, errors before warnings, and not more than `most`: the last one
 * then says how many were left out.
 */
export function orderFindings(found: readonly JobFinding[], most: number): JobFinding[] {
  const rank = ({ severity }: JobFinding): number => (severity === "error" ? 0 : 1);
  const sorted = [...found].sort((one, other) => {
    return rank(one) - rank(other) || one.line - other.line || one.column - other.column;
  });
  const count = sorted.length - most;
  if (count <= 0) return sorted;
  const kept = sorted.slice(0, most);
  const { severity } = sorted[most] ?? {};
  const cut = makeFinding("findings-cut", { path: "", line: 1, column: 1 }, { count });
  // Where only warnings are left out, the job stands.
  return [...kept, severity === "warning" ? { ...cut, severity, status: 200 } : cut];
}
