import { NotBuilt } from "./not-built.ts";

/** Instructions that stand before others, which inline assembly often has as statements. */
export const PREFIX = /^(?:lock|rep|repe|repz|repne|repnz|notrack|data16|addr32)$/;
/** What gcc writes around inline assembly: `# 7 "file.c" 1`, and behind it `# 0 "" 2`. */
export const SOURCE = /^#\s+(\d+)\s+"([^"]*)"\s+[12]/;

const TOKENS = /"(?:[^"\\]|\\.)*"|'\\?.|\/\*|\/\/|[#;]|[^"'#;/]+|./gs;
const PLAIN = /^[^#;/]*$/;
const COMMENT_END = "*/";
const NUMBERED = /^(\d+)\s*:\s*/;
const REFERENCE = /"(?:[^"\\]|\\.)*"|(?<![\w.%])(?<!\w\$)(\d+)([bf])\b/g;

/**
 * Assembly text as people write it inside of C, as compilers write it: one statement a line,
 * without comments, a prefix before its instruction, and `1:` under a name that no other label has.
 * Lines by which gcc says where inline assembly comes from are left.
 * @param name of its file, for messages
 * @throws NotBuilt for a `1b` or `1f` that leads nowhere, with the line in C where it is known
 */
export function oneStatementALine(text: string, name: string): string {
  const labels = new NumberedLabels(name);
  const output: string[] = [];
  let prefix = "";
  for (const statement of statementsOf(text)) {
    if (SOURCE.test(statement)) {
      labels.enter(statement);
      output.push(statement);
    } else if (prefix === "" && PREFIX.test(statement)) {
      prefix = `${statement} `;
    } else {
      output.push(labels.named(`${prefix}${statement}`));
      prefix = "";
    }
  }
  labels.close();
  return `${output.join("\n")}\n${prefix}`;
}

function* statementsOf(text: string): Generator<string> {
  let isComment = false;
  for (const line of text.split("\n")) {
    if (!isComment && (PLAIN.test(line) || SOURCE.test(line))) {
      yield line.trim();
      continue;
    }
    const { parts, isOpen } = partsOf(line, isComment);
    isComment = isOpen;
    for (const part of parts) if (part.trim() !== "") yield part.trim();
  }
}

/** The statements of a line, and whether a comment goes on behind it. */
function partsOf(line: string, isComment: boolean): { parts: string[]; isOpen: boolean } {
  const parts = [""];
  let rest = line;
  if (isComment) {
    const end = line.indexOf(COMMENT_END);
    if (end < 0) return { parts, isOpen: true };
    rest = line.slice(end + COMMENT_END.length);
  }
  TOKENS.lastIndex = 0;
  for (let found = TOKENS.exec(rest); found !== null; found = TOKENS.exec(rest)) {
    const [token] = found;
    if (token === "#" || token === "//") break;
    if (token === ";") parts.push("");
    else if (token !== "/*") parts[parts.length - 1] += token;
    else {
      const end = rest.indexOf(COMMENT_END, TOKENS.lastIndex);
      if (end < 0) return { parts, isOpen: true };
      parts[parts.length - 1] += " ";
      TOKENS.lastIndex = end + COMMENT_END.length;
    }
  }
  return { parts, isOpen: false };
}

/** Gives each `1:` a name of its own, and `1b` and `1f` that of the nearest before and behind. */
class NumberedLabels {
  readonly #counts = new Map<string, number>();
  readonly #awaited = new Map<string, string>();
  readonly #name: string;
  #place: string;

  constructor(name: string) {
    this.#name = name;
    this.#place = name;
  }

  /** @param line by which gcc says where the inline assembly behind it is in C */
  enter(line: string): void {
    const [, number = "", file = ""] = SOURCE.exec(line) ?? [];
    this.#place = file === "" ? this.#name : `${file}:${number}`;
  }

  named(statement: string): string {
    const [label, number = ""] = NUMBERED.exec(statement) ?? [];
    if (label === undefined) return this.#referring(statement);
    const count = this.#count(number) + 1;
    this.#counts.set(number, count);
    this.#awaited.delete(number);
    const rest = statement.slice(label.length);
    return `${nameOf(number, count)}: ${rest === "" ? "" : this.named(rest)}`.trim();
  }

  close(): void {
    for (const message of this.#awaited.values()) throw new NotBuilt(message);
  }

  #referring(statement: string): string {
    return statement.replace(REFERENCE, (token, number?: string, direction?: string) => {
      if (number === undefined) return token;
      const count = this.#count(number);
      const message = `${this.#place}: there is no label ${number} for ${token}: ${statement}`;
      if (direction === "b") {
        if (count === 0) throw new NotBuilt(message);
        return nameOf(number, count);
      }
      if (!this.#awaited.has(number)) this.#awaited.set(number, message);
      return nameOf(number, count + 1);
    });
  }

  #count(number: string): number {
    return this.#counts.get(number) ?? 0;
  }
}

function nameOf(number: string, count: number): string {
  return `.Lnumbered.${number}.${count}`;
}
