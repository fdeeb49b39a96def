import { FLAG, type Flow, type Form, type FormPolicy, type Mark, type SizeRule } from "./form.ts";

/** What the operations do to the flags: read, written, undefined, maybe kept. */
const FLAG_CLASSES: Readonly<Record<string, readonly [string, string, string, string]>> = {
  add: ["", "CPAZSO", "", ""],
  adc: ["C", "CPAZSO", "", ""],
  logic: ["", "CPAZSO", "A", ""],
  inc: ["", "PAZSO", "", ""],
  mul: ["", "CPAZSO", "PAZS", ""],
  div: ["", "CPAZSO", "CPAZSO", ""],
  shift: ["", "CPAZSO", "AO", ""],
  rotate: ["", "CO", "O", ""],
  carry: ["C", "CO", "O", ""],
  bit: ["", "CPASO", "PASO", ""],
  scan: ["", "CPAZSO", "CPASO", ""],
  count: ["", "CPAZSO", "PASO", ""],
  string: ["D", "", "", ""],
};

const FLOWS: Readonly<Record<string, Flow>> = {
  jmp: "jump",
  jcc: "branch",
  call: "call",
  ijmp: "indirect-jump",
  icall: "indirect-call",
  halt: "halt",
};

const MARKS: readonly Mark[] = [
  "lock",
  "rep",
  "repcc",
  "hint",
  "norex",
  "no-w",
  "zx",
  "nt",
  "noderef",
  "super",
  "fixed-nop",
  "double",
  "guard-reg",
  "any-vvvv",
];

/** What the column of the attributes says. */
export interface AttributeColumn extends Flags {
  readonly group: string | undefined;
  readonly flow: Flow;
  readonly policy: FormPolicy;
  /** Where the operands alone do not say it. */
  readonly size: SizeRule | undefined;
  readonly marks: ReadonlySet<Mark>;
}

/** Rows repeat the same few attributes: each list is read once. */
const COLUMNS = new Map<string, AttributeColumn>();

/** Reads attributes as `row-text.ts` describes them. */
export function readAttributes(text: string): AttributeColumn {
  const known = COLUMNS.get(text);
  if (known !== undefined) return known;
  const words = text.split(/\s+/);
  const column: AttributeColumn = {
    group: words.find((word) => word.startsWith("group."))?.slice(6),
    flow: words.map((word) => FLOWS[word]).find((flow) => flow !== undefined) ?? "next",
    policy: words.includes("nacl") ? "nacl" : words.includes("zerovm") ? "zerovm" : "both",
    size: words.includes("size.s") ? "s" : words.includes("size.8") ? 8 : undefined,
    ...readFlags(words),
    marks: new Set(MARKS.filter((mark) => words.includes(mark))),
  };
  COLUMNS.set(text, column);
  return column;
}

type Flags = Pick<Form, "flagsRead" | "flagsWritten" | "flagsUndefined" | "flagsKept">;

function readFlags(attributes: readonly string[]): Flags {
  const text = ["", "", "", ""];
  for (const attribute of attributes) {
    const [kind = "", what = "", one] = attribute.split(".");
    if (kind === "f") {
      FLAG_CLASSES[what]?.forEach((part, at) => {
        text[at] += one === undefined || at !== 2 ? part : part.replace("O", "");
      });
    }
    const at = "rwuk".indexOf(kind);
    if (kind.length === 1 && at >= 0) text[at] += what;
  }
  const [read = 0, written = 0, undefined_ = 0, kept = 0] = text.map(flagBits);
  const all = text[3] === "*";
  return {
    flagsRead: read,
    flagsWritten: written,
    flagsUndefined: undefined_,
    flagsKept: all ? written : kept,
  };
}

function flagBits(letters: string): number {
  let bits = 0;
  for (const [letter, bit] of Object.entries(FLAG)) if (letters.includes(letter)) bits |= bit;
  return bits;
}
