import { GENERAL_NAMES, HIGH_BYTE, HIGH_BYTE_NAMES, NO_REGISTER, RIP } from "../index.ts";
import { BadText } from "./assembly-error.ts";
import { type Expression, parseExpression } from "./expression.ts";

/** An operand as written. */
export type OperandText = RegisterText | MemoryText | ImmediateText | AddressText;

export interface RegisterText {
  readonly kind: "register";
  readonly file: "general" | "xmm" | "ymm" | "mm" | "st";
  readonly number: number;
  /** Bytes of a general register, else 0. */
  readonly size: number;
  /** Written with `*`: the target of an indirect jump. */
  readonly indirect: boolean;
}

export interface MemoryText {
  readonly kind: "memory";
  readonly displacement: Expression | undefined;
  readonly base: number;
  readonly index: number;
  readonly scale: number;
}

export interface ImmediateText {
  readonly kind: "immediate";
  readonly value: Expression;
}

/** A bare expression: the target of a jump, or memory without a register. */
export interface AddressText {
  readonly kind: "address";
  readonly value: Expression;
}

type Named = Pick<RegisterText, "file" | "number" | "size">;

const REGISTERS: ReadonlyMap<string, Named> = registersByName();

function registersByName(): Map<string, Named> {
  const named = new Map<string, Named>();
  for (const [size, names] of Object.entries(GENERAL_NAMES)) {
    for (const [number, name] of names.entries()) {
      named.set(name, { file: "general", number, size: Number(size) });
    }
  }
  for (const [at, name] of HIGH_BYTE_NAMES.entries()) {
    named.set(name, { file: "general", number: HIGH_BYTE + at, size: 1 });
  }
  for (let number = 0; number < 16; number++) {
    named.set(`xmm${number}`, { file: "xmm", number, size: 0 });
    named.set(`ymm${number}`, { file: "ymm", number, size: 0 });
    if (number >= 8) continue;
    named.set(`mm${number}`, { file: "mm", number, size: 0 });
    named.set(`st(${number})`, { file: "st", number, size: 0 });
  }
  return named.set("st", { file: "st", number: 0, size: 0 });
}

/** Reads one operand in AT&T syntax; throws `BadText`. */
export function parseOperand(text: string): OperandText {
  const trimmed = text.trim();
  const indirect = trimmed.startsWith("*");
  const plain = indirect ? trimmed.slice(1).trim() : trimmed;
  if (plain.startsWith("%")) return { kind: "register", ...registerOf(plain), indirect };
  if (indirect) throw new BadText("an indirect jump takes a register");
  if (plain.startsWith("$")) return { kind: "immediate", value: parseExpression(plain.slice(1)) };
  const memory = /^(.*)\(\s*(%[^()]*|,[^()]*)\)$/s.exec(plain);
  if (memory === null) return { kind: "address", value: parseExpression(plain) };
  return parseMemory(memory[1] ?? "", memory[2] ?? "");
}

function parseMemory(displacement: string, inside: string): MemoryText {
  const parts = inside.split(",").map((part) => part.trim());
  const [base = "", index = "", scale = "1"] = parts;
  if (parts.length > 3) throw new BadText("memory has a base, an index and a scale at most");
  const shift = ["1", "2", "4", "8"].indexOf(scale);
  if (shift < 0) throw new BadText(`a scale of ${scale}`);
  const indexNumber = index === "" ? NO_REGISTER : addressRegister(index);
  if (indexNumber === RIP || (indexNumber & 31) === 4) throw new BadText(`${index} is no index`);
  return {
    kind: "memory",
    displacement: displacement.trim() === "" ? undefined : parseExpression(displacement),
    base: base === "" ? NO_REGISTER : addressRegister(base),
    index: indexNumber,
    scale: shift,
  };
}

function addressRegister(text: string): number {
  if (text === "%rip") return RIP;
  const register = registerOf(text);
  if (register.size !== 8) throw new BadText(`${text} in an address`);
  return register.number;
}

function registerOf(text: string): Named {
  const register = REGISTERS.get(text.slice(1).replace(/\s/g, ""));
  if (register === undefined) throw new BadText(`unknown register ${text}`);
  return register;
}

/** Splits operands at their commas: those in parentheses, quotes and characters do not count. */
export function splitOperands(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\" && quoted) at++;
    else if (character === '"') quoted = !quoted;
    else if (character === "'" && !quoted) at = endOfCharacter(text, at);
    else if (quoted) continue;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  const last = text.slice(from);
  return last.trim() === "" && parts.length === 0 ? [] : [...parts, last];
}

/** The last place of a character such as `'a` or `'\\n'`, whose second quote may be left out. */
function endOfCharacter(text: string, at: number): number {
  const last = at + (text[at + 1] === "\\" ? 2 : 1);
  return text[last + 1] === "'" ? last + 1 : last;
}
