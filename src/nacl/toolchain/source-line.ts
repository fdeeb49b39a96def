import { PREFIX, SOURCE } from "./one-statement.ts";

/** What one line of assembly says. */
export type SourceLine =
  /** Inline assembly of a line in C begins here, or ends, where there is none. */
  | { readonly kind: "source"; readonly place: string | undefined }
  | { readonly kind: "label"; readonly name: string }
  | { readonly kind: "directive"; readonly name: string; readonly rest: string }
  | {
      readonly kind: "instruction";
      /** `lock` or `rep` and its kin, else empty. */
      readonly prefix: string;
      readonly name: string;
      readonly operands: readonly string[];
    };

const LABEL = /^([A-Za-z_.][\w.$]*)\s*:/;

/** Reads assembly text with one statement a line, as `oneStatementALine` makes it. */
export function readLines(text: string): SourceLine[] {
  return text.split("\n").flatMap((line) => {
    const statement = line.trim();
    return statement.startsWith("#") ? sourceOf(statement) : readStatement(statement);
  });
}

function sourceOf(line: string): SourceLine[] {
  const [found, number = "", file = ""] = SOURCE.exec(line) ?? [];
  if (found === undefined) return [];
  return [{ kind: "source", place: file === "" ? undefined : `${file}:${number}` }];
}

function readStatement(text: string): SourceLine[] {
  if (text === "") return [];
  const name = LABEL.exec(text);
  if (name !== null) {
    const label: SourceLine = { kind: "label", name: name[1] ?? "" };
    return [label, ...readStatement(text.slice(name[0].length).trim())];
  }
  const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
  if (word.startsWith(".")) return [{ kind: "directive", name: word, rest }];
  if (!PREFIX.test(word)) return [instruction("", word, rest)];
  const [, second = "", others = ""] = /^(\S*)\s*(.*)$/.exec(rest) ?? [];
  return [instruction(word, second, others)];
}

function instruction(prefix: string, name: string, operands: string): SourceLine {
  const parts = operands.match(/(?:\([^()]*\)|[^,()])+/g) ?? [];
  return { kind: "instruction", prefix, name, operands: parts.map((part) => part.trim()) };
}
