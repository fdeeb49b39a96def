import { type Instructions, NO_REGISTER, RIP } from "../x86/index.ts";
import { RULE } from "./form-rules.ts";
import {
  BAD_BASE,
  BAD_INDEX,
  BP_CHANGED,
  IMPROPER_RBP,
  IMPROPER_RSP,
  R15_CHANGED,
  SP_CHANGED,
} from "./reasons.ts";
import { R15, RBP, RSP } from "./registers.ts";
import { STACK_WRITE, stackWriteOf } from "./stack-write.ts";

/**
 * The rules about registers and memory, for one bundle after the other. Between instructions it
 * knows the restricted register: the one that the instruction before set to less than 2^32.
 */
export class RegisterRules {
  readonly #bytes: Uint8Array;
  readonly #code: Instructions;
  #restricted = NO_REGISTER;
  /** Whether the instruction relies on the one before, so that nothing may jump between them. */
  dependsOnLast = false;

  constructor(bytes: Uint8Array, code: Instructions) {
    this.#bytes = bytes;
    this.#code = code;
  }

  /** Forgets everything: nothing is known at the start of a bundle. */
  reset(): void {
    this.#restricted = NO_REGISTER;
  }

  /** Goes on over an instruction to which none of the rules applies. @returns reasons as bits. */
  pass(): number {
    const reasons = unfinishedPair(this.#restricted);
    this.#restricted = NO_REGISTER;
    return reasons;
  }

  /** Judges an instruction by the bits of `RULE`. @returns reasons as bits. */
  judge(slot: number, rules: number): number {
    const restricted = this.#restricted;
    this.#restricted = NO_REGISTER;
    this.dependsOnLast = false;
    let reasons = 0;
    if ((rules & RULE.dereferences) !== 0 && this.#code.rm[slot] === NO_REGISTER) {
      reasons = this.#judgeMemory(slot, restricted);
    }
    if ((rules & RULE.maybeStackWrite) !== 0) {
      const write = stackWriteOf(this.#bytes, this.#code, slot);
      if (write === STACK_WRITE.plain) return reasons | unfinishedPair(restricted);
      if (write !== STACK_WRITE.none) return reasons | this.#finishPair(write, restricted);
    }
    reasons |= unfinishedPair(restricted);
    return (rules & WRITES) === 0 ? reasons : reasons | this.#judgeWrites(slot, rules);
  }

  #judgeMemory(slot: number, restricted: number): number {
    const base = this.#code.base[slot] ?? NO_REGISTER;
    if (base !== R15 && base !== RSP && base !== RBP && base !== RIP) return BAD_BASE;
    const index = this.#code.index[slot] ?? NO_REGISTER;
    if (index === NO_REGISTER) return 0;
    if (index !== restricted) return BAD_INDEX;
    this.dependsOnLast = true;
    return 0;
  }

  #finishPair(write: number, restricted: number): number {
    this.dependsOnLast = true;
    const register = write === STACK_WRITE.fixesRbp ? RBP : RSP;
    if (restricted === register) return 0;
    return unfinishedPair(restricted) | unfinishedPair(register);
  }

  /** Judges the general registers that are written, and restricts the one that may be. */
  #judgeWrites(slot: number, rules: number): number {
    const reg = (rules & RULE.writesReg) === 0 ? NO_REGISTER : (this.#code.reg[slot] ?? 0);
    const rm = (rules & RULE.writesRm) === 0 ? NO_REGISTER : (this.#code.rm[slot] ?? 0);
    if ((rules & RESTRICTS) === 0 || this.#code.size[slot] !== 4) return changed(reg) | changed(rm);
    const isRm = (rules & RULE.restrictsRm) !== 0;
    const destination = isRm ? rm : reg;
    const other = isRm ? reg : rm;
    if (destination === NO_REGISTER) return changed(other);
    if (destination !== R15) this.#restricted = destination;
    // A second half for the other register cannot follow at once.
    const pair = other === R15 ? R15_CHANGED : unfinishedPair(other);
    return pair | (destination === R15 ? R15_CHANGED : 0);
  }
}

const WRITES = RULE.writesRm | RULE.writesReg;
const RESTRICTS = RULE.restrictsRm | RULE.restrictsReg;

function unfinishedPair(restricted: number): number {
  if (restricted === RBP) return IMPROPER_RBP;
  return restricted === RSP ? IMPROPER_RSP : 0;
}

function changed(register: number): number {
  if (register === R15) return R15_CHANGED;
  if (register === RBP) return BP_CHANGED;
  return register === RSP ? SP_CHANGED : 0;
}
