import { FORMS, NO_FORM, NO_REGISTER } from "../../x86/index.ts";
import type { GuestText } from "../guest/index.ts";
import { GLOBAL } from "../guest/index.ts";
import type { Suspect } from "./nan.ts";

/**
 * A run of instructions that is emitted without looking at NaNs. At its end the registers that
 * follow from its results are looked at together: a NaN stays one in sums, products and copies. If
 * there is one, the run is done again from its start, instruction by instruction.
 */
export interface FloatRun {
  readonly start: number;
  /** The instruction behind the last. */
  readonly end: number;
  /** Registers as `start` finds them that are read and written in the run. */
  readonly saved: number;
  readonly suspects: readonly Suspect[];
}

/** What may be a NaN, in one register or several. */
interface Value extends Omit<Suspect, "register"> {
  /** Later values that have a NaN if this one has. */
  readonly passedTo: Value[];
  /** Whether one is looked at that has a NaN if this one has. */
  isSeen: boolean;
}

interface Arithmetic {
  readonly kind: "arithmetic";
  readonly isDouble: boolean;
  readonly isPacked: boolean;
  /** Whether each lane is a NaN where that of the first operand, or of the second, is one. */
  readonly passesFirst: boolean;
  readonly passesSecond: boolean;
}

type Role =
  | Arithmetic
  /** Moves lanes of at least this width, as a whole. */
  | { readonly kind: "lanes"; readonly isDouble: boolean }
  /** A copy of a register, or of its lowest lane: that of a single may be a part of a double. */
  | { readonly kind: "copy"; readonly isPacked: boolean; readonly isSingle: boolean }
  /** Any other instruction on vectors: of what may be a NaN it would make something else. */
  | { readonly kind: "other" }
  | { readonly kind: "integer"; readonly keepsFlags: boolean };

const INTEGER =
  /^(mov\*|lea\*|mov[sz][bw]\*|movsl\*|add\*|sub\*|cmp\*|and\*|or\*|xor\*|test\*|xchg\*)$/;
/** These read flags where they are wanted. */
const COUNTING = /^(inc|dec|shl|shr|sar|imul)\*$/;
const NOTHING = /^(nop\*?|nopw)$/;
const PASSING = /^(add|sub|mul|div)[ps][sd]$/;
const ARITHMETIC = /^(add|sub|mul|div|sqrt|min|max|hadd|hsub|addsub)([ps])([sd])$/;
const WHOLE = /^mov(aps|apd|ups|upd|dqa|dqu)$/;
const DOUBLE_LANES = /^(unpck[lh]pd|shufpd|movddup|movlhps|movhlps|punpck[lh]qdq|mov[lh]p[sd])$/;
const SINGLE_LANES = /^(unpck[lh]ps|shufps|movs[hl]dup|pshufd)$/;
const OTHER = /^(p?(xor|andn?|or)(p[sd])?|cvtsi2s[sd]l|cvtdq2p[sd]|movd|movq)$/;

const ROLES: readonly (Role | undefined)[] = FORMS.map(({ names, operands, vex }) => {
  const [name = ""] = names;
  if (vex !== undefined || operands.some(({ kind }) => kind.startsWith("mm-"))) return undefined;
  return roleOf(name);
});

function roleOf(name: string): Role | undefined {
  const [, , lanes, width] = ARITHMETIC.exec(name) ?? [];
  if (width !== undefined) {
    return {
      kind: "arithmetic",
      isDouble: width === "d",
      isPacked: lanes === "p",
      passesFirst: PASSING.test(name),
      passesSecond: PASSING.test(name) || name.startsWith("sqrt"),
    };
  }
  if (WHOLE.test(name)) return { kind: "copy", isPacked: true, isSingle: false };
  if (name === "movss" || name === "movsd") {
    return { kind: "copy", isPacked: false, isSingle: name === "movss" };
  }
  if (DOUBLE_LANES.test(name)) return { kind: "lanes", isDouble: true };
  if (SINGLE_LANES.test(name)) return { kind: "lanes", isDouble: false };
  if (OTHER.test(name)) return { kind: "other" };
  if (INTEGER.test(name) || NOTHING.test(name)) return { kind: "integer", keepsFlags: true };
  return COUNTING.test(name) ? { kind: "integer", keepsFlags: false } : undefined;
}

/** Finds the runs of one block. */
export class FloatRunPlanner {
  readonly #guest: GuestText;
  /** What may be a NaN in the run at hand, by register. */
  #values = new Map<number, Value>();
  /** All values of the run, in their order. */
  #made: Value[] = [];

  constructor(guest: GuestText) {
    this.#guest = guest;
  }

  /**
   * @param flagsLive status flags that are live behind an instruction.
   * @param registersLive registers that are live behind one.
   */
  find(
    first: number,
    last: number,
    flagsLive: (at: number) => number,
    registersLive: (at: number) => number,
  ): FloatRun[] {
    const runs: FloatRun[] = [];
    for (let at = first; at <= last; at++) {
      if (this.#role(at)?.kind !== "arithmetic") continue;
      const start = at;
      let end = start;
      let isVector = true;
      this.#values = new Map();
      this.#made = [];
      while (at <= last && this.#take(at, flagsLive(at))) {
        isVector = this.#role(at)?.kind !== "integer";
        at++;
        if (isVector) end = at;
      }
      if (end === start) continue;
      at = end - 1;
      const suspects = this.#suspectsAmong(registersLive(at));
      runs.push({ start, end, saved: this.#savedIn(start, end), suspects });
    }
    return runs;
  }

  /** One register for each value that is not passed on to another of the live registers. */
  #suspectsAmong(live: number): Suspect[] {
    const registers = new Map<Value, number>();
    for (const [register, value] of this.#values) {
      if (((live >>> register) & 1) === 1) registers.set(value, register);
    }
    const suspects: Suspect[] = [];
    for (const value of this.#made.reverse()) {
      const isPassedOn = value.passedTo.some(({ isSeen }) => isSeen);
      const register = registers.get(value);
      value.isSeen = isPassedOn || register !== undefined;
      if (isPassedOn || register === undefined) continue;
      suspects.push({ register, isDouble: value.isDouble, isPacked: value.isPacked });
    }
    return suspects;
  }

  #role(at: number): Role | undefined {
    return ROLES[this.#guest.instructions.form[at] ?? NO_FORM];
  }

  /** Takes an instruction into the run; false where it cannot be done again, or shows a NaN. */
  #take(at: number, flagsLive: number): boolean {
    const role = this.#role(at);
    if (role === undefined || this.#writesMemory(at)) return false;
    if (role.kind === "integer") return role.keepsFlags || flagsLive === 0;
    const [to, from] = [this.#vector(at, 0), this.#vector(at, 1)];
    const readsOld = to >= 0 && (((this.#guest.effects.reads[at] ?? 0) >>> to) & 1) === 1;
    const old = readsOld ? this.#values.get(to) : undefined;
    const source = this.#values.get(from);
    switch (role.kind) {
      case "arithmetic":
        if (differs(old, role.isDouble) || differs(source, role.isDouble)) return false;
        passOn(role, this.#make(to, role, role.isPacked || old?.isPacked === true), old, source);
        return true;
      case "copy":
        if (role.isSingle && source?.isDouble === true) return false;
        return this.#copy(to, role.isPacked || from < 0, old, source);
      case "lanes": {
        const some = old ?? source;
        if (some === undefined) this.#values.delete(to);
        if (some === undefined) return true;
        if (!role.isDouble && some.isDouble) return false;
        if (source !== undefined && differs(source, some.isDouble)) return false;
        this.#make(to, some, true);
        return true;
      }
      case "other":
        if (old !== undefined || (source !== undefined && from !== to)) return false;
        this.#values.delete(to);
        return true;
    }
  }

  #copy(to: number, isWhole: boolean, old: Value | undefined, source?: Value): boolean {
    if (isWhole) {
      if (source === undefined) this.#values.delete(to);
      else this.#values.set(to, source);
      return true;
    }
    if (source === undefined) return true;
    if (old !== undefined && differs(old, source.isDouble)) return false;
    const isPacked = old?.isPacked === true || source.isPacked;
    this.#make(to, source, isPacked);
    return true;
  }

  #make(to: number, { isDouble }: Pick<Suspect, "isDouble">, isPacked: boolean): Value {
    const value = { isDouble, isPacked, passedTo: [], isSeen: false };
    this.#made.push(value);
    this.#values.set(to, value);
    return value;
  }

  /** The vector register of an operand, by its number among all; -1 for any other operand. */
  #vector(at: number, operand: number): number {
    const { form, reg, rm } = this.#guest.instructions;
    const kind = FORMS[form[at] ?? NO_FORM]?.operands[operand]?.kind;
    if (kind === "xmm-reg") return GLOBAL.XMM + (reg[at] ?? 0);
    if (kind !== "xmm-rm" || rm[at] === NO_REGISTER) return -1;
    return GLOBAL.XMM + (rm[at] ?? 0);
  }

  #writesMemory(at: number): boolean {
    const { rm, form } = this.#guest.instructions;
    if (rm[at] !== NO_REGISTER) return false;
    return (FORMS[form[at] ?? NO_FORM]?.operands ?? []).some(
      ({ kind, writes }) => writes && kind !== "reg" && kind !== "xmm-reg" && kind !== "rax",
    );
  }

  /** Registers that the run changes after it read them. */
  #savedIn(start: number, end: number): number {
    const { reads, writes } = this.#guest.effects;
    let exposed = 0;
    let written = 0;
    for (let at = start; at < end; at++) {
      exposed |= (reads[at] ?? 0) & ~written;
      written |= writes[at] ?? 0;
    }
    return exposed & written;
  }
}

/** Notes for the operands of an instruction which of their NaNs its result has. */
function passOn(role: Arithmetic, result: Value, first?: Value, second?: Value): void {
  // Lanes of the first that the instruction leaves alone are in the result as they are.
  if (role.passesFirst) first?.passedTo.push(result);
  if (role.passesSecond && (role.isPacked || second?.isPacked === false)) {
    second?.passedTo.push(result);
  }
}

function differs(value: Value | undefined, isDouble: boolean): boolean {
  return value !== undefined && value.isDouble !== isDouble;
}
