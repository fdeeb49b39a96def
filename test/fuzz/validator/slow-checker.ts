/**
 * A second judge of Native Client code that shares nothing with the first but the decoder: it
 * takes every rule at its word, from texts of bytes and names of instructions, and is slow.
 */
import { Decoder, type Form, formOf, Instructions } from "../../../src/nacl/x86/index.ts";
import { CALL, FAR, joinedAtEnd, NEAR, PLAIN_WRITES, RBP_FIX, RSP_FIX } from "./patterns.ts";

const BUNDLE_BYTES = 32;
const NO_REGISTER = 255;
const RIP = 16;

type Policy = "zerovm" | "nacl";

interface Step {
  readonly offset: number;
  readonly end: number;
  readonly hex: string;
  readonly form: Form;
  readonly size: number;
  readonly reg: number;
  readonly rm: number;
  readonly base: number;
  readonly index: number;
}

/** What the checker says, as lines `OFFSET: reason` in their order, warnings apart. */
export interface SlowVerdict {
  readonly findings: readonly string[];
  readonly warnings: readonly string[];
}

/** Names of what leaves a 32-bit register known, without the suffix of their size. */
const RESTRICTING = new Set(
  (
    "add,or,and,sub,xor,mov,movw,lea,inc,dec,neg,not,imul,movzb,movzw,movsb,movsw,movsl,xchg,xadd," +
    "movd,vmovd"
  ).split(","),
);

const REASONS = [
  "unrecognized instruction",
  "direct jump out of range",
  "unsupported instruction",
  "improper memory address - bad base",
  "improper memory address - bad index",
  "improper %rbp sandboxing",
  "improper %rsp sandboxing",
  "error - %r15 is changed",
  "error - %bpl or %bp is changed",
  "error - %spl or %sp is changed",
  "bad jump target",
];
const WARNING = "warning - bad call alignment";

/** Judges code of whole bundles. */
export function checkSlowly(bytes: Uint8Array, policy: Policy): SlowVerdict {
  return new SlowChecker(bytes, policy).check();
}

/** Room for the one instruction that is looked at. */
const DECODED = new Instructions(1);

class SlowChecker {
  readonly #bytes: Uint8Array;
  readonly #policy: Policy;
  readonly #decoder: Decoder;
  readonly #findings: string[] = [];
  readonly #warnings: string[] = [];
  readonly #legal = new Set<number>();
  readonly #jumps: [from: number, to: number][] = [];

  constructor(bytes: Uint8Array, policy: Policy) {
    this.#bytes = bytes;
    this.#policy = policy;
    this.#decoder = new Decoder(bytes);
  }

  check(): SlowVerdict {
    for (let start = 0; start < this.#bytes.length; start += BUNDLE_BYTES) this.#bundle(start);
    for (const [from, to] of this.#jumps) {
      if (!this.#legal.has(to)) this.#tell(from, ["bad jump target"]);
    }
    return { findings: this.#findings, warnings: this.#warnings };
  }

  #tell(offset: number, reasons: readonly string[]): void {
    if (reasons.length === 0) return;
    for (const reason of REASONS) {
      if (reasons.includes(reason)) this.#findings.push(`${offset.toString(16)}: ${reason}`);
    }
  }

  #bundle(start: number): void {
    const steps: Step[] = [];
    let restricted: number | undefined;
    let at = start;
    while (at < start + BUNDLE_BYTES) {
      this.#legal.add(at);
      const step = this.#decode(at, start + BUNDLE_BYTES);
      if (step !== undefined) steps.push(step);
      const joined = step === undefined ? 0 : joinedAtEnd(steps);
      if (step === undefined || joined === 0) {
        this.#tell(at, ["unrecognized instruction"]);
        return;
      }
      for (let inner = 1; inner < joined; inner++) {
        this.#legal.delete(steps[steps.length - inner]?.offset ?? 0);
      }
      restricted = this.#step(step, restricted);
      at = step.end;
    }
    this.#tell(at, pairReasons(restricted));
  }

  #decode(at: number, limit: number): Step | undefined {
    const out = DECODED;
    const length = this.#decoder.decode(at, limit, out, 0);
    if (length === 0) return undefined;
    const form = formOf(out.form[0] ?? 0);
    if (form.policy !== "both" && form.policy !== this.#policy) return undefined;
    const hex = Buffer.from(this.#bytes.subarray(at, at + length)).toString("hex");
    const field = (of: ArrayLike<number>) => of[0] ?? 0;
    const { size, reg, rm, base, index } = out;
    return {
      offset: at,
      end: at + length,
      hex,
      form,
      size: field(size),
      reg: field(reg),
      rm: field(rm),
      base: field(base),
      index: field(index),
    };
  }

  /** @returns the register that is restricted after the step */
  #step(step: Step, restricted: number | undefined): number | undefined {
    const reasons = this.#memoryReasons(step, restricted);
    this.#jump(step, reasons);
    if (PLAIN_WRITES.test(step.hex)) {
      this.#tell(step.offset, [...reasons, ...pairReasons(restricted)]);
      return undefined;
    }
    const fixed = RBP_FIX.test(step.hex) ? 5 : RSP_FIX.test(step.hex) ? 4 : undefined;
    if (fixed !== undefined) {
      this.#legal.delete(step.offset);
      if (restricted !== fixed) reasons.push(...pairReasons(restricted), ...pairReasons(fixed));
      this.#tell(step.offset, reasons);
      return undefined;
    }
    reasons.push(...pairReasons(restricted));
    const restricting = restrictingWrite(step);
    for (const write of writesOf(step)) {
      const { register, width } = write;
      if (register === 15) reasons.push("error - %r15 is changed");
      else if (write.isRm === restricting?.isRm) continue;
      // The other register of xchg and xadd.
      else if (restricting !== undefined && width === 4) reasons.push(...pairReasons(register));
      else if (register === 5) reasons.push("error - %bpl or %bp is changed");
      else if (register === 4) reasons.push("error - %spl or %sp is changed");
    }
    this.#tell(step.offset, reasons);
    return restricting?.register === 15 ? undefined : restricting?.register;
  }

  #memoryReasons(step: Step, restricted: number | undefined): string[] {
    const { form, rm, base, index } = step;
    if (rm !== NO_REGISTER || !form.modrm.present || !isDereferenced(form)) return [];
    if (![15, 4, 5, RIP].includes(base)) return ["improper memory address - bad base"];
    if (index === NO_REGISTER) return [];
    if (index !== restricted) return ["improper memory address - bad index"];
    this.#legal.delete(step.offset);
    return [];
  }

  #jump({ hex, offset, end }: Step, reasons: string[]): void {
    if (CALL.test(hex) && end % BUNDLE_BYTES !== 0) {
      this.#warnings.push(`${offset.toString(16)}: ${WARNING}`);
    }
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
    let target: number;
    if (NEAR.test(hex)) target = end + view.getInt8(end - 1);
    else if (FAR.test(hex)) target = end + view.getInt32(end - 4, true);
    else return;
    if (target % BUNDLE_BYTES === 0) return;
    if (target >= 0 && target < this.#bytes.length) this.#jumps.push([offset, target]);
    else reasons.push("direct jump out of range");
  }
}

function pairReasons(restricted: number | undefined): string[] {
  if (restricted === 5) return ["improper %rbp sandboxing"];
  return restricted === 4 ? ["improper %rsp sandboxing"] : [];
}

function nameOf(form: Form): string {
  return (form.names.find((name) => name !== "-") ?? "").replace("*", "");
}

/** lea, nops and prefetches have a memory operand that they only compute. */
function isDereferenced(form: Form): boolean {
  return !/^(lea|nop|nopw|prefetch.*)$/.test(nameOf(form));
}

interface Write {
  readonly register: number;
  readonly width: number;
  /** Whether it is the register of modrm.rm or of the opcode. */
  readonly isRm: boolean;
}

/** The general registers that the bytes name and the instruction writes. */
function writesOf({ form, size, reg, rm }: Step): Write[] {
  const isCompare = nameOf(form).startsWith("cmpxchg");
  return form.operands.flatMap((operand): Write[] => {
    const width = operand.size === 0 ? size : operand.size;
    const { kind, writes, implicit } = operand;
    if (implicit) return [];
    if (kind === "reg") return writes || isCompare ? [{ register: reg, width, isRm: false }] : [];
    const isRm = kind === "opcode" || (kind === "rm" && rm !== NO_REGISTER);
    return isRm && writes ? [{ register: rm, width, isRm }] : [];
  });
}

/** The 32-bit write that restricts its register: where there are two, that of rm. */
function restrictingWrite(step: Step): Write | undefined {
  const name = nameOf(step.form);
  if (step.size !== 4 || !RESTRICTING.has(name)) return undefined;
  const [first] = step.form.operands;
  if (first?.kind === "rax" && !first.implicit) return { register: 0, width: 4, isRm: true };
  const writes = writesOf(step).filter(({ width }) => width === 4);
  const isMemoryExchange = /^(xchg|xadd)$/.test(name) && step.rm === NO_REGISTER;
  if (isMemoryExchange) return undefined;
  return writes.find(({ isRm }) => isRm) ?? writes[0];
}
