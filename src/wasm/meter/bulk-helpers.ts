import { type LimitsShape, MEMORY_PAGES_MAX, type ModuleShape } from "../index.ts";
import { BULK_OP, type ModuleDraft, OP, TYPE, typeByte } from "../rewrite/index.ts";
import { Assembler } from "./assembler.ts";
import {
  COUNT,
  checkBounds,
  FROM,
  type Mover,
  memorySize,
  movePieces,
  TO,
  tableSize,
} from "./bulk-pieces.ts";
import { BYTES_PER_UNIT, UNITS_PER_ELEMENT, UNITS_PER_PAGE } from "./cost-table.ts";
import type { Guards } from "./guards.ts";
import { GUARD_EVENTS, type PrepareOptions } from "./options.ts";

/** Bytes that one operation on memory moves where they are sliced. */
export const MEMORY_PIECE_BYTES = 2 ** 20;
/** Elements that one operation on a table moves where they are sliced. */
export const TABLE_PIECE_ELEMENTS = 2 ** 14;

const { I32 } = TYPE;
const SHR_U_64 = 0x88;
const MUL_64 = 0x7e;
const EXTEND_U = 0xad;
const LE_U = 0x4d;
const EQ = 0x46;
const OR = 0x72;

/**
 * Functions that are called in place of bulk operations: they charge by size, divide what is
 * large into pieces, and answer for the limits. Made when they are first asked for.
 */
export class BulkHelpers {
  readonly #draft: ModuleDraft;
  readonly #shape: ModuleShape;
  readonly #options: PrepareOptions;
  readonly #guards: Guards;
  readonly #made = new Map<string, number | undefined>();

  constructor(draft: ModuleDraft, shape: ModuleShape, options: PrepareOptions, guards: Guards) {
    this.#draft = draft;
    this.#shape = shape;
    this.#options = options;
    this.#guards = guards;
  }

  /** The function to call in place of an instruction; undefined where that stays as it is. */
  inPlaceOf(opcode: number, first: number, second: number): number | undefined {
    const key = `${opcode} ${first} ${second}`;
    if (!this.#made.has(key)) this.#made.set(key, this.#make(opcode, first, second));
    return this.#made.get(key);
  }

  #make(opcode: number, first: number, second: number): number | undefined {
    const { fuel, slices, limits } = this.#options;
    const isGrow = opcode === OP.MEMORY_GROW || opcode === BULK_OP.TABLE_GROW;
    if (fuel === undefined && (isGrow ? limits === undefined : slices !== true)) return undefined;
    switch (opcode) {
      case OP.MEMORY_GROW:
        return first === 0 ? this.#memoryGrow() : undefined;
      case BULK_OP.TABLE_GROW:
        return this.#tableGrow(first);
      default: {
        const mover = this.#mover(opcode, first, second);
        return mover === undefined ? undefined : this.#move(mover);
      }
    }
  }

  #mover(opcode: number, first: number, second: number): Mover | undefined {
    const memory = { size: memorySize, pieceSize: MEMORY_PIECE_BYTES, middle: I32, opcode };
    const table = { pieceSize: TABLE_PIECE_ELEMENTS, middle: I32, opcode };
    switch (opcode) {
      case BULK_OP.MEMORY_FILL:
        return first === 0 ? { ...memory, indices: [0] } : undefined;
      case BULK_OP.MEMORY_COPY:
        if (first !== 0 || second !== 0) return undefined;
        return { ...memory, indices: [0, 0], sourceSize: memorySize };
      case BULK_OP.MEMORY_INIT:
        return second === 0 ? { ...memory, indices: [first, 0], readsSegment: true } : undefined;
      case BULK_OP.TABLE_FILL: {
        const middle = this.#elementType(first);
        if (middle === undefined) return undefined;
        return { ...table, indices: [first], middle, size: tableSize(first) };
      }
      case BULK_OP.TABLE_COPY: {
        const indices = [first, second];
        return { ...table, indices, size: tableSize(first), sourceSize: tableSize(second) };
      }
      case BULK_OP.TABLE_INIT: {
        const indices = [first, second];
        return { ...table, indices, size: tableSize(second), readsSegment: true };
      }
      default:
        return undefined;
    }
  }

  #elementType(table: number): number | undefined {
    return typeByte(this.#shape.tables[table]?.elementType ?? "");
  }

  #move(mover: Mover): number {
    const { opcode, indices, middle, pieceSize } = mover;
    const type = this.#draft.functionType([I32, middle, I32], []);
    const whole = (code: Assembler): void =>
      void code.get(TO, FROM, COUNT).bulk(opcode, ...indices);
    if (this.#options.slices !== true) {
      return this.#function(type, [], (code) => {
        this.#chargeMove(code, opcode);
        whole(code);
      });
    }
    const piece = this.#function(type, [], (code) => {
      this.#look(code);
      whole(code);
    });
    return this.#function(type, [], (code) => {
      this.#chargeMove(code, opcode);
      code.get(COUNT).i32(pieceSize).op(LE_U);
      code.if(() => {
        whole(code);
        code.op(OP.RETURN);
      });
      checkBounds(code, mover, whole);
      movePieces(code, mover, piece);
      whole(code);
    });
  }

  #function(type: number, locals: readonly number[], body: (code: Assembler) => void): number {
    return this.#draft.addFunction(type, (out) => {
      const code = new Assembler(out).locals(...locals);
      body(code);
      code.op(OP.END);
    });
  }

  #chargeMove(code: Assembler, opcode: number): void {
    const isMemory = opcode <= BULK_OP.MEMORY_FILL;
    this.#charge(code, () => {
      code.get(COUNT).op(EXTEND_U);
      if (isMemory) code.i64(Math.log2(BYTES_PER_UNIT)).op(SHR_U_64);
      else code.i64(UNITS_PER_ELEMENT).op(MUL_64);
    });
  }

  #charge(code: Assembler, amount: () => void): void {
    const { fuel, askForFuel } = this.#guards;
    if (fuel === undefined) return;
    code.globalGet(fuel);
    amount();
    code.op(OP.I64_SUB).globalSet(fuel);
    code.globalGet(fuel).i64(0).op(OP.I64_LT_S);
    code.if(() => {
      if (askForFuel === undefined) code.op(OP.UNREACHABLE);
      else code.call(askForFuel);
    });
  }

  /** Between pieces the host looks at its clock, where nothing else does. */
  #look(code: Assembler): void {
    const { askForFuel } = this.#guards;
    if (askForFuel !== undefined) code.call(askForFuel);
  }

  #memoryGrow(): number {
    const [delta, answer] = [0, 1];
    const type = this.#draft.functionType([I32], [I32]);
    const bound = this.#bound(this.#shape.memories[0], MEMORY_PAGES_MAX, "memoryPages");
    return this.#function(type, [I32], (code) => {
      this.#refuseAbove(code, delta, bound, GUARD_EVENTS.MEMORY_LIMIT, () => {
        code.op(OP.MEMORY_SIZE, 0);
      });
      this.#charge(code, () => code.get(delta).op(EXTEND_U).i64(UNITS_PER_PAGE).op(MUL_64));
      code.get(delta).op(OP.MEMORY_GROW, 0).tee(answer);
      this.#endOnShortage(code);
      code.get(answer);
    });
  }

  #tableGrow(table: number): number | undefined {
    const element = this.#elementType(table);
    if (element === undefined) return undefined;
    const [value, delta, before] = [0, 1, 2];
    const type = this.#draft.functionType([element, I32], [I32]);
    const bound = this.#bound(this.#shape.tables[table], 0xffff_ffff, "tableElements");
    const piece = this.#tablePiece(table, element);
    return this.#function(type, [I32], (code) => {
      const size = (): void => void code.bulk(BULK_OP.TABLE_SIZE, table);
      size();
      code.set(before);
      this.#refuseAbove(code, delta, bound, GUARD_EVENTS.TABLE_LIMIT, size);
      this.#charge(code, () => code.get(delta).op(EXTEND_U).i64(UNITS_PER_ELEMENT).op(MUL_64));
      if (piece !== undefined) growPieces(code, [value, delta], piece);
      code.get(value, delta).bulk(BULK_OP.TABLE_GROW, table);
      if (this.#guards.events === undefined) {
        code.op(OP.RETURN);
        return;
      }
      this.#endOnShortage(code);
      code.get(before);
    });
  }

  /** Grows by some elements, or ends the guest; none where growth can fail in another way. */
  #tablePiece(table: number, element: number): number | undefined {
    if (this.#options.slices !== true || this.#guards.events === undefined) return undefined;
    const [value, delta] = [0, 1];
    const type = this.#draft.functionType([element, I32], []);
    return this.#function(type, [], (code) => {
      this.#look(code);
      code.get(value, delta).bulk(BULK_OP.TABLE_GROW, table);
      this.#endOnShortage(code);
    });
  }

  #bound(
    declared: LimitsShape | undefined,
    engineMaximum: number,
    limit: "memoryPages" | "tableElements",
  ): Bound {
    const own = Math.min(declared?.maximum ?? engineMaximum, engineMaximum);
    const ours = this.#options.limits?.[limit] ?? own;
    return { maximum: Math.min(own, ours), isOurs: ours < own };
  }

  /** Answers -1 to the guest that asks for more than the bound, and says so where it is ours. */
  #refuseAbove(
    code: Assembler,
    delta: number,
    bound: Bound,
    event: number,
    size: () => void,
  ): void {
    const { events } = this.#guards;
    if (events === undefined) return;
    code.get(delta).i32(bound.maximum);
    size();
    code.op(OP.I32_SUB, OP.I32_GT_U);
    code.if(() => {
      if (bound.isOurs) setEvent(code, events, event);
      code.i32(-1).op(OP.RETURN);
    });
  }

  /** Takes the engine's answer: within the bounds -1 means that the host is short. */
  #endOnShortage(code: Assembler): void {
    const { events } = this.#guards;
    if (events === undefined) {
      code.op(OP.DROP);
      return;
    }
    code.i32(-1).op(EQ);
    code.if(() => {
      setEvent(code, events, GUARD_EVENTS.HOST_SHORTAGE);
      code.op(OP.UNREACHABLE);
    });
  }
}

/** Grows by all but the last piece: within the bounds it fails only where the host is short. */
function growPieces(
  code: Assembler,
  [value, delta]: readonly [number, number],
  piece: number,
): void {
  const isMore = (): void => void code.get(delta).i32(TABLE_PIECE_ELEMENTS).op(OP.I32_GT_U);
  isMore();
  code.if(() => {
    code.while(() => {
      code.get(value).i32(TABLE_PIECE_ELEMENTS).call(piece);
      code.get(delta).i32(TABLE_PIECE_ELEMENTS).op(OP.I32_SUB).set(delta);
      isMore();
    });
  });
}

interface Bound {
  readonly maximum: number;
  /** Whether it is lower than what the module itself declares. */
  readonly isOurs: boolean;
}

function setEvent(code: Assembler, events: number, event: number): void {
  code.globalGet(events).i32(event).op(OR).globalSet(events);
}
