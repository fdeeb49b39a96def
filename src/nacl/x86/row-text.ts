import { assert } from "../../base/index.ts";
import {
  FLAG,
  type Flow,
  type Form,
  type ImmediateKind,
  MANDATORY,
  type Mark,
  type Modrm,
  type Operand,
  type OperandKind,
  type SizeRule,
  type Vex,
} from "./form.ts";

/*
 * A row is `names | encoding | operands | attributes`.
 *
 * Names: one, with `*` where AT&T adds the suffix of the size, or three for sizes 2, 4 and 8.
 * Encoding: mandatory prefix, map, opcode in hexadecimal, `+r`; then `/r` for a modrm byte, `/4`
 * for one whose reg is 4, `/e8` for that very byte, `:r` or `:m` for registers or memory only;
 * `=9e` for a last byte. VEX is written `vex.PREFIX.MAP.L.W`.
 * Operands: destination first. A letter for the place and one for the size; `=` written, `+` read
 * and written, `~` not in the text; `:2` for another size in memory.
 */

const KINDS: Readonly<Record<string, OperandKind>> = {
  E: "rm",
  G: "reg",
  Z: "opcode",
  M: "memory",
  I: "immediate",
  J: "target",
  1: "one",
  A: "rax",
  C: "rcx",
  D: "rdx",
  B: "rbx",
  V: "xmm-reg",
  W: "xmm-rm",
  H: "xmm-vvvv",
  L: "xmm-imm",
  O: "xmm0",
  P: "mm-reg",
  Q: "mm-rm",
  S: "st0",
  T: "st",
  X: "source",
  Y: "destination",
};

/** Bytes of an operand; those of the operand size are 0. `e` and `f` are the states of the x87. */
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  w: 2,
  d: 4,
  q: 8,
  t: 10,
  o: 16,
  h: 32,
  e: 28,
  f: 108,
  n: 0,
  v: 0,
  y: 0,
  s: 0,
  z: 0,
};

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

const MAPS: Readonly<Record<string, number>> = { "0f": 1, "0f38": 2, "0f3a": 3 };
const PREFIXES: Readonly<Record<string, number>> = {
  np: 0,
  66: MANDATORY.data16,
  f2: MANDATORY.repne,
  f3: MANDATORY.rep,
  "66+f2": MANDATORY.data16 | MANDATORY.repne,
};

export type FormDraft = Omit<Form, "id">;

/** Reads a row; a row that does not fit the syntax is a mistake of ours. */
export function readRow(group: string, row: string): FormDraft {
  const [names = "", encoding = "", operandText = "", attributeText = ""] = row
    .split("|")
    .map((column) => column.trim());
  const operands = words(operandText).map(readOperand);
  const attributes = words(attributeText);
  const place = readEncoding(words(encoding));
  const isVex = place.vex !== undefined;
  const chosen = attributes.find((text) => text.startsWith("group."));
  return {
    names: names.split(","),
    group: chosen?.slice(6) ?? group,
    ...place,
    operands,
    size: sizeRule(operandText, attributes, operands),
    immediate: immediateOf(operandText),
    flow: attributes.map((text) => FLOWS[text]).find((flow) => flow !== undefined) ?? "next",
    policy: isVex || attributes.includes("nacl") ? "nacl" : policyOf(attributes),
    ...readFlags(attributes),
    marks: new Set(MARKS.filter((mark) => attributes.includes(mark))),
  };
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function policyOf(attributes: readonly string[]): "both" | "zerovm" {
  return attributes.includes("zerovm") ? "zerovm" : "both";
}

function readOperand(text: string): Operand {
  const match = /^(~?)([=+]?)(.)(.)(?::(\d+))?$/.exec(text);
  const kind = KINDS[match?.[3] ?? ""];
  assert(match !== null && kind !== undefined, `operand ${text}`);
  const size = SIZES[match[4] ?? ""] ?? 0;
  return {
    kind,
    size,
    memorySize: match[5] === undefined ? size : Number(match[5]),
    reads: match[2] !== "=",
    writes: match[2] !== "",
    implicit: match[1] === "~",
  };
}

type Place = Pick<
  Form,
  "map" | "opcode" | "mandatory" | "vex" | "opcodeRegister" | "modrm" | "suffix"
>;

function readEncoding(tokens: string[]): Place {
  const { map, mandatory, vex } = readMap(tokens);
  const [code = "", ...rest] = tokens;
  const modrm = rest.find((token) => token.startsWith("/"));
  const suffix = rest.find((token) => token.startsWith("="));
  return {
    map,
    mandatory,
    vex,
    opcode: Number.parseInt(code, 16),
    opcodeRegister: code.endsWith("+r"),
    modrm: readModrm(modrm),
    suffix: suffix === undefined ? undefined : Number.parseInt(suffix.slice(1), 16),
  };
}

/** Takes the tokens before the opcode off the list. */
function readMap(tokens: string[]): Pick<Place, "map" | "mandatory" | "vex"> {
  const first = tokens[0] ?? "";
  if (first.startsWith("vex.")) {
    tokens.shift();
    const [, prefix = "", map = "", l, w] = first.split(".");
    const vex: Vex = { l: l === "l1" ? 1 : 0, w: w === "wy" ? undefined : w === "w1" ? 1 : 0 };
    return { map: MAPS[map] ?? 0, mandatory: PREFIXES[prefix] ?? 0, vex };
  }
  const followed = /^[0-9a-f]/.test(tokens[1] ?? "");
  const mandatory = followed ? PREFIXES[first] : undefined;
  if (mandatory !== undefined) tokens.shift();
  const map = MAPS[tokens[0] ?? ""];
  if (map !== undefined) tokens.shift();
  return { map: map ?? 0, mandatory: mandatory ?? 0, vex: undefined };
}

function readModrm(token: string | undefined): Modrm {
  const [what = "", only = ""] = (token ?? "").slice(1).split(":");
  const fixed = what.length === 2 ? Number.parseInt(what, 16) : undefined;
  return {
    present: token !== undefined,
    extension: /^\d$/.test(what) ? Number(what) : undefined,
    fixed,
    register: only !== "m",
    memory: only !== "r" && fixed === undefined,
  };
}

function sizeRule(
  text: string,
  attributes: readonly string[],
  operands: readonly Operand[],
): SizeRule {
  if (attributes.includes("size.8")) return 8;
  if (attributes.includes("size.s") || /[EZ]s/.test(text)) return "s";
  if (/[A-Z]v/.test(text)) return "v";
  if (/[A-Z]y/.test(text)) return "y";
  const general: readonly OperandKind[] = ["rm", "reg", "opcode", "rax", "destination", "source"];
  return operands.find(({ kind }) => general.includes(kind))?.size ?? 0;
}

function immediateOf(text: string): ImmediateKind {
  if (/Ib\s+Ib/.test(text)) return "pair";
  if (/Ib/.test(text)) return "byte";
  if (/Is/.test(text)) return "signed";
  if (/Iz/.test(text)) return "word";
  if (/Iv/.test(text)) return "full";
  if (/L[xoh]/.test(text)) return "register";
  if (/Jb/.test(text)) return "near";
  return /Jz/.test(text) ? "far" : "none";
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
