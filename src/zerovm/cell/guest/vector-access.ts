/**
 * Vectors are globals that no script can read or write. A module of ours that imports them can: it
 * shows each as two numbers.
 */
import { VECTOR_BYTES, VECTORS } from "../../../nacl/frozen/index.ts";

type Exports = Readonly<Record<string, unknown>>;
type Lane = (...values: readonly bigint[]) => bigint;

const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const I64 = 0x7e;
const V128 = 0x7b;
/** Types: a number out, and two numbers in. */
const TYPES = [2, 0x60, 0, 1, I64, 0x60, 2, I64, I64, 0];
const FUNCTIONS_EACH = 3;
const LANE_BYTES = VECTOR_BYTES / 2;

/** What is in all vectors of a guest: zeros where it has none of that name. */
export function readVectors(exports: Exports): Uint8Array[] {
  const vectors = VECTORS.map(() => new Uint8Array(VECTOR_BYTES));
  for (const { index, access } of vectorsOf(exports)) {
    const view = new DataView(vectors[index]?.buffer ?? new ArrayBuffer(VECTOR_BYTES));
    for (const lane of [0, 1]) {
      const value = access(lane)();
      view.setBigUint64(LANE_BYTES * lane, BigInt.asUintN(64, value), true);
    }
  }
  return vectors;
}

/** Sets all vectors that a guest has. */
export function writeVectors(exports: Exports, vectors: readonly Uint8Array[]): void {
  for (const { index, access } of vectorsOf(exports)) {
    const bytes = vectors[index] ?? new Uint8Array(VECTOR_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, VECTOR_BYTES);
    access(2)(view.getBigInt64(0, true), view.getBigInt64(LANE_BYTES, true));
  }
}

interface VectorAccess {
  /** Of `VECTORS`. */
  readonly index: number;
  /** The function for its lower half, that for its upper half, or the one that sets it. */
  readonly access: (number: number) => Lane;
}

function vectorsOf(guest: Exports): VectorAccess[] {
  const names = VECTORS.filter((name) => guest[name] !== undefined);
  const module = new WebAssembly.Module(moduleBytes(names));
  const { exports } = new WebAssembly.Instance(module, { guest } as WebAssembly.Imports);
  return names.map((name, at) => {
    const access = (number: number): Lane => exports[`${FUNCTIONS_EACH * at + number}`] as Lane;
    return { index: VECTORS.indexOf(name), access };
  });
}

/** For each vector a function for its lower half, one for its upper half, and one that sets it. */
function moduleBytes(vectors: readonly string[]): Uint8Array<ArrayBuffer> {
  const functions = numbers(FUNCTIONS_EACH * vectors.length);
  const imports = vectors.flatMap((vector) => {
    return [...name("guest"), ...name(vector), 3, V128, 1];
  });
  const exported = functions.flatMap((index) => [...name(`${index}`), 0, index]);
  const bodies = functions.flatMap((index) => {
    const body = bodyOf(Math.floor(index / FUNCTIONS_EACH), index % FUNCTIONS_EACH);
    return [...unsigned(body.length), ...body];
  });
  return Uint8Array.from([
    ...MAGIC,
    ...section(1, TYPES),
    ...section(2, [vectors.length, ...imports]),
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
