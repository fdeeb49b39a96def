import { type ByteWriter, OP, TYPE } from "../rewrite/index.ts";
import { EDIT } from "./edit-kind.ts";
import type { Guards } from "./guards.ts";

/** The canonical NaNs, as the spec has them: positive, only the top bit of the fraction set. */
const NAN_F32 = [0, 0, 0xc0, 0x7f];
const NAN_F64 = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f];
const NAN_F32X4 = [...NAN_F32, ...NAN_F32, ...NAN_F32, ...NAN_F32];
const NAN_F64X2 = [...NAN_F64, ...NAN_F64];

const V128_CONST = [0xfd, 12];
const V128_BITSELECT = [0xfd, 82];
/** How lanes are compared, and how one bit of each is gathered. */
const F32X4 = { nan: NAN_F32X4, equal: [0xfd, 65], differ: [0xfd, 66], gather: [0xfd, 164, 1] };
const F64X2 = { nan: NAN_F64X2, equal: [0xfd, 71], differ: [0xfd, 72], gather: [0xfd, 196, 1] };

interface Lanes {
  readonly nan: readonly number[];
  readonly equal: readonly number[];
  readonly differ: readonly number[];
  readonly gather: readonly number[];
}

/** What the walk over a body found out that decides how its edits are written. */
export interface BodyFacts {
  /** Locals that the body has of its own, parameters included. */
  readonly localCount: number;
  readonly hasLoop: boolean;
  /** Whether there are loops in which fuel is only counted in a local. */
  readonly hasTightLoop: boolean;
  /** Whether the function takes from the stack. */
  readonly isCounted: boolean;
  readonly frameBytes: number;
  /** Whether something leaves the function other than by its end. */
  readonly isLeft: boolean;
  readonly catches: boolean;
  /** A block type for what the function gives, as bytes; asked for where it is needed. */
  readonly resultBlock: () => readonly number[];
}

/** Writes what the edits of one body stand for; knows where the added locals are. */
export class BodyCode {
  readonly #guards: Guards;
  #facts: BodyFacts;
  /** Types of the locals that were added, in their order. */
  readonly #added: number[] = [];
  #fuelLocal = -1;
  #stackLocal = -1;
  #floatLocals: Readonly<Record<number, number>> = {};

  constructor(guards: Guards) {
    this.#guards = guards;
    this.#facts = NO_FACTS;
  }

  /** Decides which locals are added. `settles` are the types of floats that are settled. */
  begin(facts: BodyFacts, settles: readonly number[]): void {
    this.#facts = facts;
    this.#added.length = 0;
    const { fuel } = this.#guards;
    this.#fuelLocal = fuel !== undefined && facts.hasLoop ? this.#addLocal(TYPE.I64) : -1;
    this.#stackLocal = facts.isCounted ? this.#addLocal(TYPE.I32) : -1;
    if (settles.length === 0) return;
    this.#floatLocals = Object.fromEntries(settles.map((type) => [type, this.#addLocal(type)]));
  }

  #addLocal(type: number): number {
    this.#added.push(type);
    return this.#facts.localCount + this.#added.length - 1;
  }

  /** Types of the added locals. */
  get addedLocals(): readonly number[] {
    return this.#added;
  }

  /** Writes what an edit stands for. */
  write(out: ByteWriter, kind: number, value: number): void {
    switch (kind) {
      case EDIT.CHARGE:
      case EDIT.CHARGE_TIGHT:
        this.#charge(out, value, this.#isTight(kind));
        return;
      case EDIT.CHARGE_CHECKED:
      case EDIT.CHARGE_CHECKED_TIGHT:
        this.#charge(out, value, this.#isTight(kind));
        this.#check(out, this.#isTight(kind));
        return;
      case EDIT.RELOAD:
        if (this.#fuelLocal >= 0) this.#reload(out);
        return;
      case EDIT.SPILL:
        if (this.#facts.hasTightLoop) this.#spill(out);
        return;
      case EDIT.CALL:
        out.byte(OP.CALL);
        out.unsigned(value);
        return;
      case EDIT.SETTLE_F32:
        this.#settleNumber(out, TYPE.F32, OP.F32_CONST, NAN_F32, OP.F32_LE);
        return;
      case EDIT.SETTLE_F64:
        this.#settleNumber(out, TYPE.F64, OP.F64_CONST, NAN_F64, OP.F64_LE);
        return;
      case EDIT.SETTLE_F32X4:
        this.#settleVector(out, F32X4);
        return;
      case EDIT.SETTLE_F64X2:
        this.#settleVector(out, F64X2);
        return;
      default:
        this.#writeFrame(out, kind, value);
    }
  }

  #isTight(kind: number): boolean {
    if (!this.#facts.hasTightLoop) return false;
    return kind === EDIT.CHARGE_TIGHT || kind === EDIT.CHARGE_CHECKED_TIGHT;
  }

  #writeFrame(out: ByteWriter, kind: number, value: number): void {
    const { isCounted, resultBlock, catches } = this.#facts;
    switch (kind) {
      case EDIT.ENTRY:
        if (isCounted) this.#takeStack(out);
        if (this.#fuelLocal >= 0) this.#reload(out);
        if (!this.isWrapped) return;
        out.byte(OP.BLOCK);
        out.all(resultBlock());
        return;
      case EDIT.LAST_EXIT:
        if (this.isWrapped) out.byte(OP.END);
        this.#leave(out);
        return;
      case EDIT.EXIT:
        this.#leave(out);
        return;
      case EDIT.RETURN:
        out.byte(this.isWrapped ? OP.BR : OP.RETURN);
        if (this.isWrapped) out.unsigned(value);
        return;
      case EDIT.CAUGHT:
        if (catches) this.#takeBack(out);
        return;
      default:
    }
  }

  /** Whether the code stands in a block of ours, so that all ways out lead by its end. */
  get isWrapped(): boolean {
    return this.#facts.isLeft && (this.#facts.isCounted || this.#facts.hasTightLoop);
  }

  #leave(out: ByteWriter): void {
    if (this.#facts.hasTightLoop) this.#spill(out);
    if (this.#facts.isCounted) this.#giveStack(out);
  }

  /** What the functions that an exception passed by could not do at their end. */
  #takeBack(out: ByteWriter): void {
    if (this.#fuelLocal >= 0) this.#reload(out);
    if (!this.#facts.isCounted) return;
    this.#local(out, OP.LOCAL_GET, this.#stackLocal);
    this.#global(out, OP.GLOBAL_SET, this.#guards.stack);
  }

  #local(out: ByteWriter, opcode: number, index: number): void {
    out.byte(opcode);
    out.unsigned(index);
  }

  #global(out: ByteWriter, opcode: number, index: number | undefined): void {
    out.byte(opcode);
    out.unsigned(index ?? 0);
  }

  /**
   * In functions with loops a copy of the fuel is in a local. It is written through, but in tight
   * loops: there it is written when the function is left, calls, or has used up the fuel.
   */
  #charge(out: ByteWriter, cost: number, isTight: boolean): void {
    if (cost === 0) return;
    this.#getFuel(out);
    out.byte(OP.I64_CONST);
    out.signed(cost);
    out.byte(OP.I64_SUB);
    const local = this.#fuelLocal;
    if (isTight) this.#local(out, OP.LOCAL_SET, local);
    else {
      if (local >= 0) this.#local(out, OP.LOCAL_TEE, local);
      this.#global(out, OP.GLOBAL_SET, this.#guards.fuel);
    }
  }

  #check(out: ByteWriter, isTight: boolean): void {
    this.#getFuel(out);
    out.all([OP.I64_CONST, 0, OP.I64_LT_S, OP.IF, TYPE.VOID]);
    if (isTight) this.#spill(out);
    const { askForFuel } = this.#guards;
    if (askForFuel === undefined) out.byte(OP.UNREACHABLE);
    else {
      out.byte(OP.CALL);
      out.unsigned(askForFuel);
      if (this.#fuelLocal >= 0) this.#reload(out);
    }
    out.byte(OP.END);
  }

  #getFuel(out: ByteWriter): void {
    if (this.#fuelLocal >= 0) this.#local(out, OP.LOCAL_GET, this.#fuelLocal);
    else this.#global(out, OP.GLOBAL_GET, this.#guards.fuel);
  }

  #spill(out: ByteWriter): void {
    this.#local(out, OP.LOCAL_GET, this.#fuelLocal);
    this.#global(out, OP.GLOBAL_SET, this.#guards.fuel);
  }

  #reload(out: ByteWriter): void {
    this.#global(out, OP.GLOBAL_GET, this.#guards.fuel);
    this.#local(out, OP.LOCAL_SET, this.#fuelLocal);
  }

  #takeStack(out: ByteWriter): void {
    this.#global(out, OP.GLOBAL_GET, this.#guards.stack);
    out.byte(OP.I32_CONST);
    out.signed(this.#facts.frameBytes);
    out.byte(OP.I32_SUB);
    this.#local(out, OP.LOCAL_TEE, this.#stackLocal);
    this.#global(out, OP.GLOBAL_SET, this.#guards.stack);
    this.#local(out, OP.LOCAL_GET, this.#stackLocal);
    out.all([OP.I32_CONST, 0, OP.I32_LT_S, OP.IF, TYPE.VOID, OP.UNREACHABLE, OP.END]);
  }

  #giveStack(out: ByteWriter): void {
    this.#local(out, OP.LOCAL_GET, this.#stackLocal);
    out.byte(OP.I32_CONST);
    out.signed(this.#facts.frameBytes);
    out.byte(OP.I32_ADD);
    this.#global(out, OP.GLOBAL_SET, this.#guards.stack);
  }

  /** Unless `x <= x`, x = NaN: of the comparisons that a NaN fails, one that is a single branch. */
  #settleNumber(
    out: ByteWriter,
    type: number,
    constant: number,
    nan: readonly number[],
    compare: number,
  ): void {
    const local = this.#floatLocals[type] ?? 0;
    this.#local(out, OP.LOCAL_TEE, local);
    this.#local(out, OP.LOCAL_GET, local);
    out.all([compare, OP.I32_EQZ, OP.IF, TYPE.VOID, constant]);
    out.all(nan);
    this.#local(out, OP.LOCAL_SET, local);
    out.byte(OP.END);
    this.#local(out, OP.LOCAL_GET, local);
  }

  /**
   * Where a lane is a NaN, those lanes are replaced. The way around is foreseen by the processor:
   * it costs less than replacing none of the lanes each time.
   */
  #settleVector(out: ByteWriter, { nan, equal, differ, gather }: Lanes): void {
    const local = this.#floatLocals[TYPE.V128] ?? 0;
    this.#local(out, OP.LOCAL_TEE, local);
    this.#local(out, OP.LOCAL_GET, local);
    out.all([...differ, ...gather, OP.IF, TYPE.VOID]);
    this.#local(out, OP.LOCAL_GET, local);
    out.all(V128_CONST);
    out.all(nan);
    this.#local(out, OP.LOCAL_GET, local);
    this.#local(out, OP.LOCAL_GET, local);
    out.all(equal);
    out.all(V128_BITSELECT);
    this.#local(out, OP.LOCAL_SET, local);
    out.byte(OP.END);
    this.#local(out, OP.LOCAL_GET, local);
  }
}

const NO_FACTS: BodyFacts = {
  localCount: 0,
  hasLoop: false,
  hasTightLoop: false,
  isCounted: false,
  frameBytes: 0,
  isLeft: false,
  catches: false,
  resultBlock: () => [TYPE.VOID],
};
