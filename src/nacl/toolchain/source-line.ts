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
const PREFIX = /^(?:lock|rep|repe|repz|repne|repnz|notrack|data16|addr32)$/;

/** Reads assembly text as compilers write it, without comments and lines of a preprocessor. */
export function readLines(text: string): SourceLine[] {
  return text
    .split("\n")
    .flatMap((line) =>
      /^\s*#/.test(line) ? sourceOf(line) : statements(line).flatMap(readStatement),
    );
}

/** As gcc writes it around inline assembly: `# 7 "file.c" 1`, and behind it `# 0 "" 2`. */
const SOURCE = /^#\s+(\d+)\s+"([^"]*)"\s+[12]/;

function sourceOf(line: string): SourceLine[] {
  const [found, number = "", file = ""] = SOURCE.exec(line) ?? [];
  if (found === undefined) return [];
  return [{ kind: "source", place: file === "" ? undefined : `${file}:${number}` }];
}

/** The parts between `;`, which only text in quotes may hold otherwise. */
function statements(line: string): string[] {
  if (!line.includes(";")) return [line.trim()];
  const parts = line.match(/(?:"(?:[^"\\]|\\.)*"|[^;"])+/g) ?? [];
  return parts.map((part) => part.trim());
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
