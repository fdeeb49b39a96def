import {
  FORMS,
  type Form,
  HIGH_BYTE,
  type Instructions,
  NO_FORM,
  NO_REGISTER,
  type Operand,
  RIP,
} from "../../x86/index.ts";

const RSP = 4;
const RDI = 7;
const RSI = 6;
const R15 = 15;
/** Registers of 128 bits stand above the 16 general ones in a set. */
export const XMM_SHIFT = 16;
/** The flags C, P, A, Z, S, O: that of the direction is not among them. */
export const STATUS_FLAGS = 63;

/** Where a form's operand is, and what is done to it. */
interface Part {
  readonly kind: Operand["kind"];
  readonly size: number;
  readonly reads: boolean;
  readonly writes: boolean;
}

interface Recipe {
  readonly parts: readonly Part[];
  readonly stack: boolean;
  /** With twice the same register the result does not depend on it. */
  readonly idiom: boolean;
  readonly exchange: boolean;
  /** Count of a shift that decides whether flags are changed. */
  readonly counted: boolean;
  /** Registers that are written are wholly new, whatever their size. */
  readonly whole: boolean;
  /** All vector registers are written. */
  readonly all: boolean;
}

const IDIOMS = /^(xor\*|sub\*|pxor|xorp[sd]|psub[bwdq]|pcmpeq[bwdq]|pcmpgt[bwdq])$/;
const STACK = /^(push|pop|call)/;
const RECIPES: readonly Recipe[] = FORMS.map(recipeOf);

function recipeOf(form: Form): Recipe {
  const [name = ""] = form.names;
  return {
    parts: form.operands.map(({ kind, size, reads, writes }) => ({ kind, size, reads, writes })),
    stack: STACK.test(name),
    idiom: IDIOMS.test(name) && form.operands.length === 2,
    exchange: name === "xchg*",
    counted: form.flagsKept !== 0 && form.immediate === "byte",
    whole: form.vex !== undefined,
    all: name === "vzeroall",
  };
}

/** What each instruction of a text reads and writes: registers as sets of bits, and flags. */
export class Effects {
  readonly reads: Uint32Array;
  /** Registers that have a new value afterwards; where only a part is new, they are also read. */
  readonly writes: Uint32Array;
  readonly flagsRead: Uint8Array;
  /** Flags that surely have a new value, or none, afterwards. */
  readonly flagsKilled: Uint8Array;
  /** Flags that may be changed. */
  readonly flagsWritten: Uint8Array;

  constructor(text: Instructions) {
    const { count } = text;
    this.reads = new Uint32Array(count);
    this.writes = new Uint32Array(count);
    this.flagsRead = new Uint8Array(count);
    this.flagsKilled = new Uint8Array(count);
    this.flagsWritten = new Uint8Array(count);
    for (let at = 0; at < count; at++) {
      const id = text.form[at] ?? NO_FORM;
      const form = FORMS[id];
      const recipe = RECIPES[id];
      if (form === undefined || recipe === undefined) continue;
      this.#registers(text, at, recipe);
      this.#flags(text, at, form, recipe);
    }
  }

  #registers(text: Instructions, at: number, recipe: Recipe): void {
    if (recipe.exchange && isNothing(text, at, recipe)) return;
    let reads = recipe.stack ? 1 << RSP : 0;
    let writes = recipe.all ? -1 << XMM_SHIFT : reads;
    for (const part of recipe.parts) {
      const register = registerOf(text, at, part.kind);
      if (register < 0) continue;
      const size = part.size === 0 ? (text.size[at] ?? 0) : part.size;
      const partial = register < XMM_SHIFT ? size < 4 : size < 16 && !recipe.whole;
      if (part.reads || partial) reads |= 1 << register;
      if (part.writes) writes |= 1 << register;
    }
    if (recipe.idiom && isTwice(text, at) && (text.size[at] === 0 || (text.size[at] ?? 0) >= 4)) {
      reads = 0;
    }
    const base = text.base[at] ?? NO_REGISTER;
    const index = text.index[at] ?? NO_REGISTER;
    if (base < RIP) reads |= 1 << base;
    if (index < RIP) reads |= 1 << index;
    this.reads[at] = reads & ~(1 << R15);
    this.writes[at] = (writes | (stringWrites(recipe) & ~(1 << R15))) & ~(1 << R15);
  }

  #flags(text: Instructions, at: number, form: Form, recipe: Recipe): void {
    let written = (form.flagsWritten | form.flagsUndefined) & STATUS_FLAGS;
    let kept = form.flagsKept;
    if (recipe.counted) {
      const count = (text.imm[at] ?? 0) & (text.size[at] === 8 ? 63 : 31);
      if (count === 0) written = 0;
      kept = 0;
    }
    this.flagsRead[at] = form.flagsRead & STATUS_FLAGS;
    this.flagsWritten[at] = written;
    this.flagsKilled[at] = written & ~kept;
  }
}

/** xchg of a register with itself, which fills code; one of 32 bits would clear the upper half. */
function isNothing(text: Instructions, at: number, { parts }: Recipe): boolean {
  const size = text.size[at] ?? 0;
  if (size !== 2 && size !== 8) return false;
  const [one = -1, other = -2] = parts.map(({ kind }) => registerOf(text, at, kind));
  return one === other;
}

/** String instructions move rsi and rdi on. */
function stringWrites(recipe: Recipe): number {
  let set = 0;
  for (const { kind } of recipe.parts) {
    if (kind === "source") set |= 1 << RSI;
    if (kind === "destination") set |= 1 << RDI;
  }
  return set;
}

function isTwice(text: Instructions, at: number): boolean {
  return text.rm[at] !== NO_REGISTER && text.rm[at] === text.reg[at];
}

/** Place of a register in a set, or -1 for what is no register of the two kinds. */
function registerOf(text: Instructions, at: number, kind: Operand["kind"]): number {
  const rm = text.rm[at] ?? NO_REGISTER;
  const reg = text.reg[at] ?? NO_REGISTER;
  switch (kind) {
    case "rm":
    case "opcode":
      return general(rm);
    case "reg":
      return general(reg);
    case "xmm-rm":
      return rm === NO_REGISTER ? -1 : XMM_SHIFT + rm;
    case "xmm-reg":
      return XMM_SHIFT + reg;
    case "xmm-vvvv":
      return XMM_SHIFT + (text.vvvv[at] ?? 0);
    case "xmm-imm":
      return XMM_SHIFT + (text.imm[at] ?? 0);
    case "xmm0":
      return XMM_SHIFT;
    case "source":
      return RSI;
    case "destination":
      return RDI;
    default:
      return ["rax", "rcx", "rdx", "rbx"].indexOf(kind);
  }
}

function general(register: number): number {
  if (register === NO_REGISTER) return -1;
  return register >= HIGH_BYTE ? register - HIGH_BYTE : register;
}
