import { assert } from "../../base/index.ts";
import type { NexePolicy } from "../elf/index.ts";
import { BUNDLE_BYTES, Decoder, Instructions } from "../x86/index.ts";
import { Findings, type Verdict } from "./findings.ts";
import { FORM_RULES, RULE } from "./form-rules.ts";
import {
  BAD_CALL_ALIGNMENT,
  BAD_TARGET,
  OUT_OF_RANGE,
  UNRECOGNIZED,
  UNSUPPORTED,
} from "./reasons.ts";
import { RegisterRules } from "./register-rules.ts";
import { superinstructionStart } from "./superinstruction.ts";
import { replaceSwitchedOff } from "./switched-off.ts";

export interface ValidateOptions {
  readonly policy: NexePolicy;
  /** Whether instructions that go around the caches are accepted, as they are by default. */
  readonly nontemporals?: boolean;
}

/**
 * Judges code by the rules of the Native Client sandbox for x86-64. It reads all of it, whatever
 * is found: time and memory grow with the length alone. The place of the code in guest memory
 * does not matter, since it is a multiple of 32.
 *
 * @param bytes the code; its length is a multiple of 32
 */
export function validate(bytes: Uint8Array, options: ValidateOptions): Verdict {
  assert(bytes.length % BUNDLE_BYTES === 0, "code is a whole number of bundles");
  return new Validation(bytes, options).run();
}

const BUNDLE_SHIFT = Math.log2(BUNDLE_BYTES);

/** Whether one of the instructions that are read on over may begin so. */
function isPrefix(byte: number | undefined): boolean {
  return byte === 0x66 || byte === 0xc4;
}

class Validation {
  readonly #bytes: Uint8Array;
  readonly #rulesOf: Uint16Array;
  readonly #refusesNontemporals: boolean;
  readonly #decoder: Decoder;
  /** The instructions of the bundle at hand, from its start on. */
  readonly #code = new Instructions(BUNDLE_BYTES);
  readonly #registers: RegisterRules;
  /** One word a bundle, one bit a byte: where direct jumps may go, and where they go. */
  readonly #legal: Uint32Array;
  readonly #wanted: Uint32Array;
  readonly #findings = new Findings();
  /** The reasons that are told in this pass: bad targets are known after all the others. */
  #told = ~BAD_TARGET;

  constructor(bytes: Uint8Array, { policy, nontemporals = true }: ValidateOptions) {
    this.#bytes = bytes;
    this.#rulesOf = FORM_RULES[policy];
    this.#refusesNontemporals = !nontemporals;
    this.#decoder = new Decoder(bytes);
    this.#registers = new RegisterRules(bytes, this.#code);
    this.#legal = new Uint32Array(bytes.length / BUNDLE_BYTES);
    this.#wanted = new Uint32Array(bytes.length / BUNDLE_BYTES);
  }

  run(): Verdict {
    this.#judgeAll();
    const isMissed = this.#wanted.some((wanted, at) => (wanted & ~(this.#legal[at] ?? 0)) !== 0);
    if (isMissed) {
      this.#told = BAD_TARGET;
      this.#judgeAll();
    }
    return this.#findings.verdict();
  }

  #judgeAll(): void {
    const { length } = this.#bytes;
    for (let start = 0; start < length; start += BUNDLE_BYTES) {
      this.#legal[start >>> BUNDLE_SHIFT] = this.#judgeBundle(start, start + BUNDLE_BYTES);
    }
  }

  /** Judges one bundle by itself. @returns the bits of the places where jumps may go. */
  #judgeBundle(start: number, end: number): number {
    const registers = this.#registers;
    registers.reset();
    let legal = 1;
    let at = start;
    for (let slot = 0; at < end; slot++) {
      let length = this.#decoder.decode(at, end, this.#code, slot);
      const isSwitchedOff = length === 0;
      if (isSwitchedOff) length = this.#decodeSwitchedOff(at, end, slot);
      const off = isSwitchedOff ? UNRECOGNIZED : 0;
      const rules = length === 0 ? RULE.refused : (this.#rulesOf[this.#code.form[slot] ?? 0] ?? 0);
      if (rules === 0) {
        this.#tell(at, registers.pass() | off);
      } else {
        const inner = this.#inner(slot, rules);
        if (inner < 0) {
          this.#tell(at, UNRECOGNIZED);
          return legal;
        }
        this.#tell(at, registers.judge(slot, rules) | this.#judgeRest(slot, rules) | off);
        if (registers.dependsOnLast) legal &= ~(1 << at);
        for (let part = slot; part > slot - inner; part--) {
          legal &= ~(1 << (this.#code.offset[part] ?? 0));
        }
      }
      at += length;
      if (at < end) legal |= 1 << at;
    }
    this.#tell(end, registers.pass());
    return legal;
  }

  /** Decodes what is read on over though it is refused. @returns its length, or 0. */
  #decodeSwitchedOff(at: number, end: number, slot: number): number {
    if (!isPrefix(this.#bytes[at])) return 0;
    const copy = this.#bytes.slice(at, end);
    if (!replaceSwitchedOff(copy, 0)) return 0;
    const length = new Decoder(copy).decode(0, copy.length, this.#code, slot);
    this.#code.offset[slot] = at;
    return length;
  }

  /** How many instructions before this one it must not be parted from; -1 if it is refused. */
  #inner(slot: number, rules: number): number {
    if ((rules & RULE.refused) !== 0) return -1;
    if ((rules & RULE.superOnly) === 0) return 0;
    const first = superinstructionStart(this.#code, slot);
    return first < 0 ? -1 : slot - first;
  }

  /** Jumps, calls, and the instructions that an option refuses. @returns reasons as bits. */
  #judgeRest(slot: number, rules: number): number {
    let reasons = 0;
    if ((rules & RULE.nontemporal) !== 0 && this.#refusesNontemporals) reasons = UNSUPPORTED;
    if ((rules & (RULE.direct | RULE.call)) === 0) return reasons;
    const end = (this.#code.offset[slot] ?? 0) + (this.#code.length[slot] ?? 0);
    if ((rules & RULE.call) !== 0 && end % BUNDLE_BYTES !== 0) reasons |= BAD_CALL_ALIGNMENT;
    if ((rules & RULE.direct) === 0) return reasons;
    return reasons | this.#judgeTarget(end + (this.#code.imm[slot] ?? 0));
  }

  #judgeTarget(target: number): number {
    if (target % BUNDLE_BYTES === 0) return 0;
    if (target < 0 || target >= this.#bytes.length) return OUT_OF_RANGE;
    const bundle = target >>> BUNDLE_SHIFT;
    const bit = 1 << target;
    if (this.#told !== BAD_TARGET) {
      this.#wanted[bundle] = (this.#wanted[bundle] ?? 0) | bit;
      return 0;
    }
    return ((this.#legal[bundle] ?? 0) & bit) === 0 ? BAD_TARGET : 0;
  }

  #tell(offset: number, reasons: number): void {
    const told = reasons & this.#told;
    if (told !== 0) this.#findings.add(offset, told);
  }
}
