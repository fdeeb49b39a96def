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

type Role =
  | { readonly kind: "arithmetic"; readonly isDouble: boolean; readonly isPacked: boolean }
  /** Moves lanes of at least this width, as a whole. */
  | { readonly kind: "lanes"; readonly isDouble: boolean }
  /** A copy of a register, or of its lowest lane. */
  | { readonly kind: "copy"; readonly isPacked: boolean }
  /** Any other instruction on vectors: of what may be a NaN it would make something else. */
  | { readonly kind: "other" }
  | { readonly kind: "integer"; readonly keepsFlags: boolean };

const INTEGER = /^(mov\*|lea\*|mov[sz][bw]\*|movsl\*|add\*|sub\*|cmp\*|and\*|or\*|xor\*|test\*)$/;
/** These read flags where they are wanted. */
const COUNTING = /^(inc|dec|shl|shr|sar|imul)\*$/;
const NOTHING = /^(nop\*?|nopw)$/;
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
    return { kind: "arithmetic", isDouble: width === "d", isPacked: lanes === "p" };
  }
  if (WHOLE.test(name)) return { kind: "copy", isPacked: true };
  if (name === "movss" || name === "movsd") return { kind: "copy", isPacked: false };
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
  #suspects = new Map<number, Suspect>();

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
      this.#suspects = new Map();
      while (at <= last && this.#take(at, flagsLive(at))) {
        isVector = this.#role(at)?.kind !== "integer";
        at++;
        if (isVector) end = at;
      }
      if (end === start) continue;
      at = end - 1;
      const live = registersLive(at);
      const suspects = [...this.#suspects.values()].filter(
        ({ register }) => ((live >>> register) & 1) === 1,
      );
      runs.push({ start, end, saved: this.#savedIn(start, end), suspects });
    }
    return runs;
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
    const old = readsOld ? this.#suspects.get(to) : undefined;
    const source = this.#suspects.get(from);
    switch (role.kind) {
      case "arithmetic":
        if (differs(old, role.isDouble) || differs(source, role.isDouble)) return false;
        this.#suspects.set(to, {
          register: to,
          isDouble: role.isDouble,
          isPacked: role.isPacked || old?.isPacked === true,
        });
        return true;
      case "copy":
        return this.#copy(to, role.isPacked || from < 0, old, source);
      case "lanes": {
        const some = old ?? source;
        if (some === undefined) this.#suspects.delete(to);
        if (some === undefined) return true;
        if (!role.isDouble && some.isDouble) return false;
        if (source !== undefined && differs(source, some.isDouble)) return false;
        this.#suspects.set(to, { ...some, register: to, isPacked: true });
        return true;
      }
      case "other":
        if (old !== undefined || (source !== undefined && from !== to)) return false;
        this.#suspects.delete(to);
        return true;
    }
  }

  #copy(to: number, isWhole: boolean, old: Suspect | undefined, source?: Suspect): boolean {
    if (isWhole) {
      if (source === undefined) this.#suspects.delete(to);
      else this.#suspects.set(to, { ...source, register: to });
      return true;
    }
    if (source === undefined) return true;
    if (old !== undefined && differs(old, source.isDouble)) return false;
    const isPacked = old?.isPacked === true || source.isPacked;
    this.#suspects.set(to, { ...source, register: to, isPacked });
    return true;
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

function differs(suspect: Suspect | undefined, isDouble: boolean): boolean {
  return suspect !== undefined && suspect.isDouble !== isDouble;
}
