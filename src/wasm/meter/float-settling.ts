import {
  type BodyCursor,
  type BodyEdits,
  type ControlStack,
  EFFECT_VARIES,
  OP,
  OPCODES_MAX,
  POPS,
  TYPE,
  VECTOR,
} from "../rewrite/index.ts";
import { EDIT } from "./edit-kind.ts";

/** What is known of an operand on the stack. */
const SETTLED = 0;
/** A number that may be a NaN whose bits the engine chose. */
const RAW = 1;
/** A vector with lanes that may be such, which is settled where it comes from if need be. */
const RAW_F32X4 = 2;
const RAW_F64X2 = 3;

/** How an instruction treats such operands. What is in no row gives no number
 * that is a float, and takes settled vectors. */
const TREATS = {
  PLAIN: 0,
  /** Gives a raw number, and does not care for the bits of a NaN that it takes. */
  GIVES_RAW: 1,
  /** Gives a number with the bits of the one it takes. */
  KEEPS: 2,
  /** Shows the bits of the number on top. */
  SHOWS_F32: 3,
  SHOWS_F64: 4,
  /** `copysign`: shows the sign of the number on top and keeps the one below. */
  SIGN_F32: 5,
  SIGN_F64: 6,
  DROPS: 7,
  /** Takes lanes and does not care for the bits of NaNs; gives settled ones, or raw lanes. */
  TAKES_F32X4: 8,
  TAKES_F64X2: 9,
  F32X4: 10,
  F64X2: 11,
  DEMOTES: 12,
  PROMOTES: 13,
  /** Takes a lane out: a raw number. */
  LANE_F32: 14,
  LANE_F64: 15,
  /** Gives a number whose bits the engine did not choose. */
  GIVES_SETTLED: 16,
} as const;

type Row = readonly [treats: number, first: number, last: number];

const V = VECTOR;
const ROWS: readonly Row[] = [
  [TREATS.DROPS, OP.DROP, OP.DROP],
  [TREATS.GIVES_RAW, OP.LOCAL_GET, OP.LOCAL_GET],
  [TREATS.GIVES_RAW, OP.GLOBAL_GET, OP.GLOBAL_GET],
  [TREATS.KEEPS, OP.LOCAL_TEE, OP.LOCAL_TEE],
  [TREATS.GIVES_RAW, OP.SELECT, OP.SELECT_TYPED],
  [TREATS.SHOWS_F32, OP.F32_STORE, OP.F32_STORE],
  [TREATS.SHOWS_F64, OP.F64_STORE, OP.F64_STORE],
  [TREATS.GIVES_SETTLED, 0x2a, 0x2b], // loads of floats
  [TREATS.GIVES_SETTLED, 0x43, 0x44], // constants
  [TREATS.GIVES_SETTLED, 0xb2, 0xb5], // conversions
  [TREATS.GIVES_SETTLED, 0xb7, 0xba],
  [TREATS.GIVES_SETTLED, 0xbe, 0xbf],
  [TREATS.KEEPS, 0x8b, 0x8c], // f32.abs, neg
  [TREATS.GIVES_RAW, 0x8d, 0x97],
  [TREATS.SIGN_F32, 0x98, 0x98],
  [TREATS.KEEPS, 0x99, 0x9a], // f64.abs, neg
  [TREATS.GIVES_RAW, 0x9b, 0xa5],
  [TREATS.SIGN_F64, 0xa6, 0xa6],
  [TREATS.GIVES_RAW, 0xb6, 0xb6], // f32.demote_f64
  [TREATS.GIVES_RAW, 0xbb, 0xbb], // f64.promote_f32
  [TREATS.SHOWS_F32, 0xbc, 0xbc], // i32.reinterpret_f32
  [TREATS.SHOWS_F64, 0xbd, 0xbd], // i64.reinterpret_f64
  [TREATS.SHOWS_F32, V + 19, V + 19], // f32x4.splat
  [TREATS.SHOWS_F64, V + 20, V + 20], // f64x2.splat
  [TREATS.LANE_F32, V + 31, V + 31],
  [TREATS.SHOWS_F32, V + 32, V + 32], // f32x4.replace_lane
  [TREATS.LANE_F64, V + 33, V + 33],
  [TREATS.SHOWS_F64, V + 34, V + 34], // f64x2.replace_lane
  [TREATS.TAKES_F32X4, V + 65, V + 70], // comparisons
  [TREATS.TAKES_F64X2, V + 71, V + 76],
  [TREATS.DEMOTES, V + 94, V + 94],
  [TREATS.PROMOTES, V + 95, V + 95],
  [TREATS.F32X4, V + 103, V + 106], // rounding
  [TREATS.F64X2, V + 116, V + 117],
  [TREATS.F64X2, V + 122, V + 122],
  [TREATS.F64X2, V + 148, V + 148],
  [TREATS.F32X4, V + 227, V + 233], // square root to maximum
  [TREATS.F64X2, V + 239, V + 245],
  [TREATS.TAKES_F32X4, V + 248, V + 249], // saturating conversions
  [TREATS.TAKES_F64X2, V + 252, V + 253],
];

const SETTLED_TYPES = [TYPE.F32, TYPE.F64, TYPE.V128];

const TREATMENTS: Uint8Array = new Uint8Array(OPCODES_MAX);
for (const [treats, first, last] of ROWS) TREATMENTS.fill(treats, first, last + 1);

/**
 * Finds where the bits of a NaN could be seen that the engine chose, and has the NaN made
 * canonical there. Numbers: where they are stored, reinterpreted, put into a vector, or lend
 * their sign; until then they stay as they come, in locals, globals, calls and on the stack.
 * Vectors: where an operation on floats makes them, unless only such operations take them.
 *
 * This is complete: memory, vectors and integers never hold bits that the engine chose, because
 * these are the only instructions by which bits of a float get there; host functions take no
 * floats; and comparing, converting or trapping on a NaN does not depend on its bits.
 */
export class FloatSettling {
  readonly #cursor: BodyCursor;
  readonly #control: ControlStack;
  readonly #edits: BodyEdits;
  #states = new Uint8Array(256);
  /** Where a raw vector comes from: the edit that settles it. */
  #origins = new Int32Array(256);
  #rawVectorCount = 0;
  /** Bits of `SETTLED_TYPES`. */
  #settled = 0;

  constructor(cursor: BodyCursor, control: ControlStack, edits: BodyEdits) {
    this.#cursor = cursor;
    this.#control = control;
    this.#edits = edits;
  }

  begin(): void {
    this.#rawVectorCount = 0;
    this.#settled = 0;
  }

  /** Types of the floats that are settled in this function: each needs a local. */
  settledTypes(): number[] {
    if (this.#settled === 0) return [];
    return SETTLED_TYPES.filter((_type, index) => (this.#settled >> index) & 1);
  }

  /** Whether the instruction matters here at all. */
  looksAt(opcode: number): boolean {
    return TREATMENTS[opcode] !== TREATS.PLAIN || this.#rawVectorCount > 0;
  }

  /** Looks at the present instruction, before it is applied to the stack. */
  before(opcode: number): void {
    const pops = POPS[opcode] ?? EFFECT_VARIES;
    if (pops === EFFECT_VARIES) {
      if (this.#rawVectorCount > 0) this.#settleVectors(0, this.#control.height, SETTLED);
      return;
    }
    const { height } = this.#control;
    if (height >= this.#states.length - 1) this.#grow();
    const treats = TREATMENTS[opcode] ?? 0;
    if (this.#rawVectorCount > 0) this.#takeVectors(treats, height - pops, height);
    this.#treat(treats, height, height - pops);
  }

  /** After an instruction that steers: what it gives may be anything. */
  afterSteering(): void {
    const { height, base } = this.#control;
    while (height >= this.#states.length) this.#grow();
    if (height > base) this.#states.fill(RAW, base, height);
  }

  #treat(treats: number, height: number, result: number): void {
    const states = this.#states;
    switch (treats) {
      case TREATS.GIVES_RAW:
        states[result] = RAW;
        return;
      case TREATS.KEEPS:
        return;
      case TREATS.SHOWS_F32:
      case TREATS.SHOWS_F64:
        this.#show(height - 1, treats - TREATS.SHOWS_F32);
        states[result] = SETTLED;
        return;
      case TREATS.SIGN_F32:
      case TREATS.SIGN_F64:
        this.#show(height - 1, treats - TREATS.SIGN_F32);
        return;
      case TREATS.DROPS:
      case TREATS.PLAIN:
        return;
      case TREATS.LANE_F32:
      case TREATS.LANE_F64:
        states[result] = RAW;
        return;
      case TREATS.F32X4:
      case TREATS.DEMOTES:
        this.#giveVector(result, RAW_F32X4);
        return;
      case TREATS.F64X2:
      case TREATS.PROMOTES:
        this.#giveVector(result, RAW_F64X2);
        return;
      default:
        states[result] = SETTLED;
    }
  }

  #show(slot: number, isWide: number): void {
    if (this.#states[slot] === SETTLED) return;
    const kind = isWide === 1 ? EDIT.SETTLE_F64 : EDIT.SETTLE_F32;
    this.#edits.insert(this.#cursor.start, kind, 0);
    this.#settled |= 1 << isWide;
  }

  #giveVector(slot: number, state: number): void {
    this.#states[slot] = state;
    this.#origins[slot] = this.#edits.insert(this.#cursor.at, 0, 0);
    this.#rawVectorCount += 1;
  }

  /** Settles the vectors that the instruction takes, but for those whose bits it does not show. */
  #takeVectors(treats: number, from: number, to: number): void {
    let tolerated: number = SETTLED;
    switch (treats) {
      case TREATS.DROPS:
        if ((this.#states[from] ?? SETTLED) >= RAW_F32X4) {
          this.#states[from] = SETTLED;
          this.#rawVectorCount -= 1;
        }
        return;
      case TREATS.F32X4:
      case TREATS.PROMOTES:
      case TREATS.TAKES_F32X4:
      case TREATS.LANE_F32:
        tolerated = RAW_F32X4;
        break;
      case TREATS.F64X2:
      case TREATS.DEMOTES:
      case TREATS.TAKES_F64X2:
      case TREATS.LANE_F64:
        tolerated = RAW_F64X2;
        break;
      default:
    }
    this.#settleVectors(from, to, tolerated);
  }

  #settleVectors(from: number, to: number, tolerated: number): void {
    for (let slot = Math.max(0, from); slot < to; slot++) {
      const state = this.#states[slot] ?? SETTLED;
      if (state < RAW_F32X4) continue;
      this.#states[slot] = SETTLED;
      this.#rawVectorCount -= 1;
      if (state === tolerated) continue;
      const kind = state === RAW_F32X4 ? EDIT.SETTLE_F32X4 : EDIT.SETTLE_F64X2;
      this.#edits.setKind(this.#origins[slot] ?? 0, kind);
      this.#settled |= 4;
    }
  }

  #grow(): void {
    const [states, origins] = [this.#states, this.#origins];
    this.#states = new Uint8Array(2 * states.length);
    this.#origins = new Int32Array(2 * states.length);
    this.#states.set(states);
    this.#origins.set(origins);
  }
}
