import { type Arity, TYPE, typeByte } from "../rewrite/index.ts";

/** A value type as the byte that the module writes for it. */
export type ValueType = number;

/** Parameters and results of a function or block. */
export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** The type as bytes; undefined where one of its values cannot be held in a local at once. */
export function functionTypeOf({ params, results }: Arity): FunctionType | undefined {
  const given = params.map(plainByte);
  const taken = results.map(plainByte);
  if (given.includes(0) || taken.includes(0)) return undefined;
  return { parameters: given, results: taken };
}

function plainByte(text: string): ValueType {
  const byte = typeByte(text) ?? 0;
  return isPlainType(byte) ? byte : 0;
}

/** Numbers, vectors, and references that may be null: what a local can begin with. */
export function isPlainType(byte: number): boolean {
  if (byte === TYPE.FUNCREF || byte === TYPE.EXTERNREF) return true;
  return byte >= TYPE.V128 && byte <= TYPE.I32;
}
