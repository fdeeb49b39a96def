/** The bytes of value types. A typed reference begins with `REF_NULL` or `REF`. */
export const TYPE = {
  I32: 0x7f,
  I64: 0x7e,
  F32: 0x7d,
  F64: 0x7c,
  V128: 0x7b,
  FUNCREF: 0x70,
  EXTERNREF: 0x6f,
  REF_NULL: 0x63,
  REF: 0x64,
  VOID: 0x40,
} as const;

const BYTES: Readonly<Record<string, number>> = {
  i32: TYPE.I32,
  i64: TYPE.I64,
  f32: TYPE.F32,
  f64: TYPE.F64,
  v128: TYPE.V128,
  funcref: TYPE.FUNCREF,
  externref: TYPE.EXTERNREF,
  exnref: 0x69,
  "(ref null func)": TYPE.FUNCREF,
  "(ref null extern)": TYPE.EXTERNREF,
};

/** The byte of a value type given as text; undefined for those that take more than a byte. */
export function typeByte(text: string): number | undefined {
  return BYTES[text];
}

/** The name of a type in the text format, by its byte. */
export function nameOfType(type: number): string {
  const found = Object.entries(TYPE).find(([, byte]) => byte === type);
  return found?.[0].toLowerCase() ?? "?";
}
