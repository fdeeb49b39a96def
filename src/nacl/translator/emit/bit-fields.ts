import { V } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { loadVector, storeVectorRegister } from "./vector.ts";

/** What pushes the length of a field, of which 0 means 64, and its lowest bit. */
interface Field {
  readonly length: () => void;
  readonly start: () => void;
}

/** Pushes as many low bits as the field is long. */
function pushMask({ code }: Emitter, field: Field): void {
  code.i64(-1).i64(0);
  field.length();
  code.i64op("SUB", "SHR_U");
}

/** Six bits each of a local. */
function fieldOf({ code }: Emitter, control: number): Field {
  return {
    length: () => code.get(control).i64(63).i64op("AND"),
    start: () => code.get(control).i64(8).i64op("SHR_U").i64(63).i64op("AND"),
  };
}

/** Pops the lower half of the result: processors clear the upper one. */
function storeLow(emitter: Emitter): void {
  const { code } = emitter;
  const value = emitter.int("a", 8);
  code.set(value).v128().get(value).vector(V.I64X2_REPLACE, 0);
  storeVectorRegister(emitter, emitter.operand(0));
}

/** extrq: a field of the lower half, which the source describes. */
const extract: Handler = (emitter) => {
  const { code } = emitter;
  const control = emitter.int("b", 8);
  loadVector(emitter, emitter.operand(1));
  code.vector(V.I64X2_EXTRACT, 0).set(control);
  const field = fieldOf(emitter, control);
  loadVector(emitter, emitter.operand(0));
  code.vector(V.I64X2_EXTRACT, 0);
  field.start();
  code.i64op("SHR_U");
  pushMask(emitter, field);
  code.i64op("AND");
  storeLow(emitter);
};

/** insertq: low bits of the source into a field, which constants or its upper half describe. */
const insert: Handler = (emitter) => {
  const { code, imm } = emitter;
  const from = emitter.operand(1);
  let field: Field;
  if (emitter.form.immediate === "pair") {
    const start = emitter.text.immHigh[emitter.at] ?? 0;
    field = { length: () => code.i64(imm & 63), start: () => code.i64(start & 63) };
  } else {
    const control = emitter.int("b", 8);
    loadVector(emitter, from);
    code.vector(V.I64X2_EXTRACT, 1).set(control);
    field = fieldOf(emitter, control);
  }
  loadVector(emitter, emitter.operand(0));
  code.vector(V.I64X2_EXTRACT, 0);
  pushMask(emitter, field);
  field.start();
  code.i64op("SHL").i64(-1).i64op("XOR", "AND");
  loadVector(emitter, from);
  code.vector(V.I64X2_EXTRACT, 0);
  pushMask(emitter, field);
  code.i64op("AND");
  field.start();
  code.i64op("SHL", "OR");
  storeLow(emitter);
};

/** Fields of bits in vectors. */
export const BIT_FIELDS: Handlers = { extrq: extract, insertq: insert };
