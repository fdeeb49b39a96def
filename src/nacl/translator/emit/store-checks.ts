import { OP, TYPE } from "../../../wasm/rewrite/index.ts";
import { STACK_BYTES, STACK_START } from "../../elf/index.ts";
import { GLOBAL, MEMORY_BIAS } from "../guest/index.ts";
import { type Code, INT, type StoreInstruction, W } from "../wasm/index.ts";

const { I32, I64, F32, F64, V128 } = TYPE;
const [ADDRESS, VALUE, OFFSET, PLACE] = [0, 1, 2, 3];
const STACK_LINEAR = STACK_START - MEMORY_BIAS;

interface StoreShape {
  readonly sizeBytes: number;
  readonly type: number;
}

const store = (sizeBytes: number, type: number): StoreShape => ({ sizeBytes, type });

const PLAIN: Readonly<Record<number, StoreShape>> = {
  [INT.STORE[0]]: store(4, I32),
  [INT.STORE[1]]: store(8, I64),
  [W.F32_STORE]: store(4, F32),
  [W.F64_STORE]: store(8, F64),
  [INT.STORE8[0]]: store(1, I32),
  [INT.STORE16[0]]: store(2, I32),
  [INT.STORE8[1]]: store(1, I64),
  [INT.STORE16[1]]: store(2, I64),
  [W.I64_STORE32]: store(4, I64),
};

/** A whole vector, and its lanes by their size. */
const VECTORS: Readonly<Record<number, StoreShape>> = {
  11: store(16, V128),
  88: store(1, V128),
  89: store(2, V128),
  90: store(4, V128),
  91: store(8, V128),
};

/** `memory.copy` and `memory.fill`. */
const BULK_COPY = 10;
const BULK_FILL = 11;
const STORE_BYTE: StoreInstruction = { kind: "plain", number: INT.STORE8[0] };

/** Types of the parameters of the function for an instruction; undefined if it writes nothing. */
export function checkedParameters(instruction: StoreInstruction): number[] | undefined {
  const { kind, number } = instruction;
  if (kind === "bulk")
    return number === BULK_COPY || number === BULK_FILL ? [I32, I32, I32, I32] : undefined;
  const shape = shapeOf(instruction);
  return shape && [I32, shape.type, I32, I32];
}

function shapeOf({ kind, number }: StoreInstruction): StoreShape | undefined {
  return (kind === "plain" ? PLAIN : VECTORS)[number];
}

/** What the functions call. */
export interface CheckScope {
  /** Takes the guest address that may not be written and that of the instruction; never returns. */
  readonly denied: number;
  /** The function for another instruction. */
  functionFor(instruction: StoreInstruction): number | undefined;
}

/** Writes the function that stands in for an instruction. */
export function writeCheckedStore(
  code: Code,
  instruction: StoreInstruction,
  scope: CheckScope,
): void {
  if (instruction.kind === "bulk") writeBulk(code, instruction.number, scope);
  else writeStore(code, instruction, scope);
}

function writeStore(code: Code, instruction: StoreInstruction, { denied }: CheckScope): void {
  const { sizeBytes } = shapeOf(instruction) ?? store(0, I32);
  const at = code.local(I32);
  code.get(ADDRESS).get(OFFSET).i32op("ADD").tee(at).get(ADDRESS).i32op("LT_U");
  code
    .get(at)
    .i32(STACK_LINEAR)
    .i32op("SUB")
    .i32(STACK_BYTES - sizeBytes)
    .i32op("GT_U");
  pushInHeap(code, at);
  pushHeapBytes(code);
  code.i32(sizeBytes).i32op("SUB", "GT_U", "AND", "OR").if();
  code.get(at).i32(MEMORY_BIAS).i32op("ADD").get(PLACE).call(denied).op(OP.UNREACHABLE).end();
  code.get(at).get(VALUE);
  const { kind, number, lane } = instruction;
  if (kind === "plain") code.memory(number, 0);
  else code.vectorMemory(number, 0, ...(lane === undefined ? [] : [lane]));
}

/** What may be written as a whole is; else byte after byte, up to the one that may not. */
function writeBulk(code: Code, number: number, { functionFor }: CheckScope): void {
  const [to, from, count] = [ADDRESS, VALUE, OFFSET];
  const at = code.local(I32);
  code.get(to).i32(STACK_LINEAR).i32op("SUB").tee(at).i32(STACK_BYTES).i32op("LE_U");
  code.get(count).i32(STACK_BYTES).get(at).i32op("SUB", "LE_U", "AND");
  pushInHeap(code, to);
  code.tee(at);
  pushHeapBytes(code);
  code.i32op("LE_U").get(count);
  pushHeapBytes(code);
  code.get(at).i32op("SUB", "LE_U", "AND", "OR").if();
  code.get(to).get(from).get(count);
  if (number === BULK_COPY) code.bulk(number, 0, 0);
  else code.bulk(number, 0);
  code.op(OP.RETURN).end();
  code.block().loop().get(count).i32op("EQZ").brIf(1).get(to).get(from);
  if (number === BULK_COPY) code.memory(INT.LOAD8_U[0], 0);
  code
    .i32(0)
    .get(PLACE)
    .call(functionFor(STORE_BYTE) ?? 0);
  for (const [local, step] of [
    [to, 1],
    [count, -1],
    ...(number === BULK_COPY ? ([[from, 1]] as const) : []),
  ] as const) {
    code.get(local).i32(step).i32op("ADD").set(local);
  }
  code.br(0).end().end();
}

/** Pushes how far a linear address lies behind the first that may be written. */
function pushInHeap(code: Code, at: number): void {
  code.get(at).globalGet(GLOBAL.WRITABLE_START).i32op("SUB");
}

function pushHeapBytes(code: Code): void {
  code.globalGet(GLOBAL.WRITABLE_END).globalGet(GLOBAL.WRITABLE_START).i32op("SUB");
}
