/**
 * Vectors are globals that no script can read or write. A module of ours that imports them can: it
 * shows each as two numbers.
 */
import { VECTOR_BYTES, VECTOR_COUNT } from "../../nacl/frozen/index.ts";

type Exports = Readonly<Record<string, unknown>>;
type Lane = (...values: readonly bigint[]) => bigint;

const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const I64 = 0x7e;
const V128 = 0x7b;
/** Types: a number out, and two numbers in. */
const TYPES = [2, 0x60, 0, 1, I64, 0x60, 2, I64, I64, 0];
const FUNCTIONS_EACH = 3;
const LANE_BYTES = VECTOR_BYTES / 2;

/** What is in all vectors of a guest. */
export function readVectors(exports: Exports): Uint8Array[] {
  const access = accessTo(exports);
  return numbers(VECTOR_COUNT).map((vector) => {
    const view = new DataView(new ArrayBuffer(VECTOR_BYTES));
    for (const lane of [0, 1]) {
      const value = access(vector, lane)();
      view.setBigUint64(LANE_BYTES * lane, BigInt.asUintN(64, value), true);
    }
    return new Uint8Array(view.buffer);
  });
}

/** Sets all vectors of a guest. */
export function writeVectors(exports: Exports, vectors: readonly Uint8Array[]): void {
  const access = accessTo(exports);
  for (const [vector, bytes] of vectors.entries()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, VECTOR_BYTES);
    access(vector, 2)(view.getBigInt64(0, true), view.getBigInt64(LANE_BYTES, true));
  }
}

function accessTo(guest: Exports): (vector: number, number: number) => Lane {
  const module = new WebAssembly.Module(moduleBytes());
  const { exports } = new WebAssembly.Instance(module, { guest } as WebAssembly.Imports);
  return (vector, number) => exports[`${FUNCTIONS_EACH * vector + number}`] as Lane;
}

/** For each vector a function for its lower half, one for its upper half, and one that sets it. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const functions = numbers(FUNCTIONS_EACH * VECTOR_COUNT);
  const imports = numbers(VECTOR_COUNT).flatMap((vector) => {
    return [...name("guest"), ...name(`xmm${vector}`), 3, V128, 1];
  });
  const exported = functions.flatMap((index) => [...name(`${index}`), 0, index]);
  const bodies = functions.flatMap((index) => {
    const body = bodyOf(Math.floor(index / FUNCTIONS_EACH), index % FUNCTIONS_EACH);
    return [...unsigned(body.length), ...body];
  });
  return Uint8Array.from([
    ...MAGIC,
    ...section(1, TYPES),
    ...section(2, [VECTOR_COUNT, ...imports]),
    ...section(3, [
      functions.length,
      ...functions.map((it) => (it % FUNCTIONS_EACH === 2 ? 1 : 0)),
    ]),
    ...section(7, [functions.length, ...exported]),
    ...section(10, [functions.length, ...bodies]),
  ]);
}

/** No locals; then `global.get`, `i64x2.extract_lane`, or what makes a vector of two numbers. */
function bodyOf(vector: number, number: number): number[] {
  if (number < 2) return [0, 0x23, vector, 0xfd, 0x1d, number, 0x0b];
  return [0, 0x20, 0, 0xfd, 0x12, 0x20, 1, 0xfd, 0x1e, 1, 0x24, vector, 0x0b];
}

function section(id: number, contents: readonly number[]): number[] {
  return [id, ...unsigned(contents.length), ...contents];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text, "latin1")];
}

/** A number in LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
