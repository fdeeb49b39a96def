import { TYPE } from "../../../wasm/rewrite/index.ts";
import { FLAG } from "../../x86/index.ts";
import { W } from "../wasm/index.ts";
import { CONDITION, pushFloatCondition } from "./float-condition.ts";
import type { Scratch } from "./scratch.ts";

/**
 * What the flags follow from. `subtract`, `add`: two operands. `logic`: a result, with C and O
 * clear. `result`: a result, with C, O and A beside it. `bits`: all of them as bits. `float` and
 * `double`: two floats that were compared.
 */
export type FlagKind =
  | "none"
  | "bits"
  | "subtract"
  | "add"
  | "logic"
  | "result"
  | "float"
  | "double";

const { C, P, A, Z, S, O } = FLAG;
const { OVERFLOW, BELOW, EQUAL, NOT_ABOVE, SIGN, PARITY, LESS } = CONDITION;
const FLAGS_OF: readonly number[] = [O, C, Z, C | Z, S, P, S | O, Z | S | O];

/** The flags of one function while it is emitted: kept as what they follow from. */
export class FlagState {
  readonly #emitter: Scratch;
  kind: FlagKind = "none";
  size = 0;

  constructor(emitter: Scratch) {
    this.#emitter = emitter;
  }

  /** Local of the first operand, or of the result. */
  first(sizeBytes: number): number {
    return this.#emitter.int("flag a", sizeBytes);
  }

  second(sizeBytes: number): number {
    return this.#emitter.int("flag b", sizeBytes);
  }

  /** Locals of C, O and A beside a result: each 0 or 1. */
  get carry(): number {
    return this.#emitter.scratch("flag c", TYPE.I32);
  }

  get overflow(): number {
    return this.#emitter.scratch("flag o", TYPE.I32);
  }

  get adjust(): number {
    return this.#emitter.scratch("flag x", TYPE.I32);
  }

  /** Local of all flags as bits of `FLAG`. */
  get bits(): number {
    return this.#emitter.scratch("flag bits", TYPE.I32);
  }

  set(kind: FlagKind, size = 0): void {
    this.kind = kind;
    this.size = size;
  }

  /** Pushes 1 where the condition with this code holds, or another number that is not 0; else 0. */
  condition(code: number): void {
    this.#positive(code >> 1);
    if ((code & 1) === 1) this.#emitter.code.i32op("EQZ");
  }

  /** Pushes C as 0 or 1. */
  pushCarry(): void {
    this.#positive(BELOW);
    if (this.kind === "bits") this.#emitter.code.i32(0).i32op("NE");
  }

  /** Pushes the wanted flags as bits. */
  push(wanted: number): void {
    const { code } = this.#emitter;
    if (this.kind === "bits") {
      code.get(this.bits).i32(wanted).i32op("AND");
      return;
    }
    let parts = 0;
    const add = (flag: number, write: () => void) => {
      if ((wanted & flag) === 0) return;
      write();
      code.i32(0).i32op("NE").i32(Math.log2(flag)).i32op("SHL");
      if (parts++ > 0) code.i32op("OR");
    };
    add(C, () => this.#positive(BELOW));
    add(P, () => this.#positive(PARITY));
    add(A, () => this.#adjusted());
    add(Z, () => this.#positive(EQUAL));
    add(S, () => this.#positive(SIGN));
    add(O, () => this.#positive(OVERFLOW));
    if (parts === 0) code.i32(0);
  }

  /** Turns the flags into bits, of which the wanted ones are right. */
  materialise(wanted: number): void {
    if (this.kind === "bits" || wanted === 0) return;
    this.push(wanted);
    this.#emitter.code.set(this.bits);
    this.set("bits");
  }

  #positive(pair: number): void {
    switch (this.kind) {
      case "subtract":
        this.#subtracted(pair);
        break;
      case "add":
      case "logic":
      case "result":
        this.#ofResult(pair);
        break;
      case "float":
      case "double":
        pushFloatCondition(this.#emitter, pair, this.kind === "double");
        break;
      default:
        this.#ofBits(pair);
    }
  }

  #ofBits(pair: number): void {
    const { code } = this.#emitter;
    const bits = this.bits;
    if (this.kind === "none") {
      code.i32(0);
      return;
    }
    if (pair < LESS) {
      code
        .get(bits)
        .i32(FLAGS_OF[pair] ?? 0)
        .i32op("AND");
      return;
    }
    code.get(bits).i32(4).i32op("SHR_U").get(bits).i32(5).i32op("SHR_U", "XOR");
    code.i32(1).i32op("AND");
    if (pair > LESS) code.get(bits).i32(Z).i32op("AND", "OR");
  }

  #subtracted(pair: number): void {
    const { code } = this.#emitter;
    const { size } = this;
    const [a, b] = [this.first(size), this.second(size)];
    const signed = (local: number) => {
      code.get(local);
      this.#extend();
    };
    switch (pair) {
      case BELOW:
        code.get(a).get(b).int("LT_U", size);
        break;
      case EQUAL:
        code.get(a).get(b).int("EQ", size);
        break;
      case NOT_ABOVE:
        code.get(a).get(b).int("LE_U", size);
        break;
      case LESS:
        signed(a);
        signed(b);
        code.int("LT_S", size);
        break;
      case LESS + 1:
        signed(a);
        signed(b);
        code.int("LE_S", size);
        break;
      case OVERFLOW:
        code.get(a).get(b).int("XOR", size);
        code.get(a);
        this.#pushResult();
        code.int("XOR", size).int("AND", size);
        this.#negative();
        break;
      default:
        this.#ofResult(pair);
    }
  }

  #ofResult(pair: number): void {
    const { code } = this.#emitter;
    const { size } = this;
    switch (pair) {
      case OVERFLOW:
        this.#pushOverflow();
        break;
      case BELOW:
        this.#pushCarryOfResult();
        break;
      case EQUAL:
        this.#pushResult();
        code.int("EQZ", size);
        break;
      case SIGN:
        this.#pushResult();
        this.#negative();
        break;
      case PARITY:
        this.#pushResult();
        if (size === 8) code.op(W.I32_WRAP);
        code.i32(0xff).i32op("AND", "POPCNT").i32(1).i32op("AND", "EQZ");
        break;
      case NOT_ABOVE:
        this.#pushCarryOfResult();
        this.#pushResult();
        code.int("EQZ", size).i32op("OR");
        break;
      default:
        this.#pushResult();
        this.#negative();
        this.#pushOverflow();
        code.i32op("XOR");
        if (pair === LESS) break;
        this.#pushResult();
        code.int("EQZ", size).i32op("OR");
    }
  }

  #pushOverflow(): void {
    const { code } = this.#emitter;
    const { size } = this;
    if (this.kind === "logic") code.i32(0);
    else if (this.kind === "result") code.get(this.overflow);
    else {
      code.get(this.first(size));
      this.#pushResult();
      code.int("XOR", size).get(this.second(size));
      this.#pushResult();
      code.int("XOR", size).int("AND", size);
      this.#negative();
    }
  }

  #pushCarryOfResult(): void {
    const { code } = this.#emitter;
    if (this.kind === "logic") code.i32(0);
    else if (this.kind === "result") code.get(this.carry);
    else {
      this.#pushResult();
      code.get(this.first(this.size)).int("LT_U", this.size);
    }
  }

  #adjusted(): void {
    const { code } = this.#emitter;
    const { size } = this;
    if (this.kind === "result") code.get(this.adjust);
    else if (this.kind === "add" || this.kind === "subtract") {
      code.get(this.first(size)).get(this.second(size)).int("XOR", size);
      this.#pushResult();
      code.int("XOR", size).constant(16, size).int("AND", size);
      code.constant(0, size).int("NE", size);
    } else code.i32(0);
  }

  /** Pushes the result with zeros above its bytes. */
  #pushResult(): void {
    const { code } = this.#emitter;
    const { kind, size } = this;
    code.get(this.first(size));
    if (kind !== "add" && kind !== "subtract") return;
    code.get(this.second(size)).int(kind === "add" ? "ADD" : "SUB", size);
    if (size < 4) code.i32(size === 1 ? 0xff : 0xffff).i32op("AND");
  }

  /** Replaces a value by 1 where its sign bit is set, else by 0. */
  #negative(): void {
    const { code } = this.#emitter;
    const { size } = this;
    if (size >= 4) code.constant(0, size).int("LT_S", size);
    else
      code
        .i32(size * 8 - 1)
        .i32op("SHR_U")
        .i32(1)
        .i32op("AND");
  }

  #extend(): void {
    if (this.size === 1) this.#emitter.code.i32op("EXTEND8_S");
    if (this.size === 2) this.#emitter.code.i32op("EXTEND16_S");
  }
}
