/**
 * Exceptions in the form that all versions of Node know, put into a module that has none: binaryen
 * mixes both forms, which engines refuse. Bodies are wrapped in `try`, and some traps are thrown.
 */
import { ZvmError } from "../../src/base/index.ts";
import { ByteReader, type ModuleShape, readModule, SECTION_ORDER } from "../../src/wasm/index.ts";
import { BodyCursor, ByteWriter, ModuleTypes, OP, typeByte } from "../../src/wasm/rewrite/index.ts";

const SECTION = { TYPE: 1, CODE: 10, TAG: 13 };
const FUNCTION_TYPE = 0x60;
const I32 = 0x7f;
const VOID = 0x40;
/** One tag carries nothing, the other a number. */
const TAG = { BARE: 0, NUMBERED: 1 };

/** A value of each type that a handler can give in place of the body. */
const DEFAULTS: Readonly<Record<string, readonly number[]>> = {
  i32: [0x41, 7],
  i64: [0x42, 9],
  f32: [0x43, 0, 0, 0, 0x40],
  f64: [0x44, 0, 0, 0, 0, 0, 0, 0, 0x40],
  funcref: [0xd0, 0x70],
  externref: [0xd0, 0x6f],
};

/** How a body is wrapped: by what follows it. `undefined` leaves it alone. */
type Handlers = (results: readonly number[]) => readonly number[];
const HANDLERS: readonly (Handlers | undefined)[] = [
  undefined,
  (results) => [OP.CATCH_ALL, ...results, OP.END],
  (results) => [OP.CATCH, TAG.NUMBERED, OP.DROP, ...results, OP.END],
  (results) => [OP.CATCH, TAG.BARE, ...results, OP.CATCH_ALL, OP.RETHROW, 0, OP.END],
  () => [OP.DELEGATE, 0],
];

/**
 * A module with code that cells do not take is given back as it is: what compares forms says why.
 * @param choices random bytes: which bodies are wrapped how, and what throws
 */
export function withExceptions(module: Uint8Array, choices: Uint8Array): Uint8Array {
  const shape = readModule(module);
  if (shape.tagCount > 0 || shape.functionCount === 0) return module;
  try {
    return new Exceptions(module, shape, choices).write();
  } catch (error) {
    if (error instanceof ZvmError && error.code === "ZVM_PROGRAM_REFUSED") return module;
    throw error;
  }
}

class Exceptions {
  readonly #bytes: Uint8Array;
  readonly #shape: ModuleShape;
  readonly #types: ModuleTypes;
  readonly #choices: Uint8Array;
  readonly #newTypes: number[][] = [
    [FUNCTION_TYPE, 0, 0],
    [FUNCTION_TYPE, 1, I32, 0],
  ];
  #chosen = 0;

  constructor(bytes: Uint8Array, shape: ModuleShape, choices: Uint8Array) {
    this.#bytes = bytes;
    this.#shape = shape;
    this.#types = new ModuleTypes(bytes, shape);
    this.#choices = choices;
  }

  write(): Uint8Array {
    const code = this.#code();
    const out = new ByteWriter(this.#bytes.length * 2);
    out.copy(this.#bytes, 0, 8);
    let hasTags = false;
    for (const { id, headerStart, start, end } of this.#shape.sections) {
      if (!hasTags && orderOf(id) > orderOf(SECTION.TAG)) {
        this.#writeTags(out);
        hasTags = true;
      }
      if (id === SECTION.TYPE) this.#writeTypes(out, start, end);
      else if (id === SECTION.CODE) section(out, id, code);
      else out.copy(this.#bytes, headerStart, end);
    }
    return new Uint8Array(out.written());
  }

  #writeTypes(out: ByteWriter, start: number, end: number): void {
    const reader = new ByteReader(this.#bytes.subarray(start, end), start);
    const count = reader.u32("types");
    const all = new ByteWriter(end - start + 64);
    all.unsigned(count + this.#newTypes.length);
    all.copy(this.#bytes, reader.offset, end);
    for (const type of this.#newTypes) all.all(type);
    section(out, SECTION.TYPE, all.written());
  }

  #writeTags(out: ByteWriter): void {
    const tags = new ByteWriter(16);
    tags.unsigned(2);
    for (const tag of [TAG.BARE, TAG.NUMBERED]) {
      tags.byte(0);
      tags.unsigned(this.#shape.types.length + tag);
    }
    section(out, SECTION.TAG, tags.written());
  }

  #code(): Uint8Array {
    const { start = 0, end = 0 } = this.#shape.sections.find(({ id }) => id === SECTION.CODE) ?? {};
    const reader = new ByteReader(this.#bytes.subarray(start, end), start);
    const out = new ByteWriter((end - start) * 2);
    const count = reader.u32("bodies");
    out.unsigned(count);
    for (let index = 0; index < count; index++) {
      const sizeBytes = reader.u32("the size of a body");
      const bodyStart = reader.offset;
      const body = this.#body(index, bodyStart, bodyStart + sizeBytes);
      out.unsigned(body.length);
      out.all(body);
      reader.skip(sizeBytes, "a body");
    }
    return out.written();
  }

  #body(index: number, start: number, end: number): Uint8Array {
    const function_ = this.#types.importedFunctionCount + index;
    const { results } = this.#types.arity(this.#types.ofFunction(function_, start), start);
    const defaults = results.map((type) => DEFAULTS[type]);
    const handlers = HANDLERS[this.#choice() % HANDLERS.length];
    const isWrapped = handlers !== undefined && !defaults.includes(undefined);
    const locals = this.#localsEnd(start, end);
    const out = new ByteWriter((end - start) * 2 + 64);
    out.copy(this.#bytes, start, locals);
    if (isWrapped) {
      out.byte(OP.TRY);
      this.#writeBlockType(out, results);
    }
    this.#writeInstructions(out, locals, end - 1);
    if (isWrapped) out.all(handlers(defaults.flatMap((value) => value ?? [])));
    out.byte(OP.END);
    return out.written();
  }

  #localsEnd(start: number, end: number): number {
    const reader = new ByteReader(this.#bytes.subarray(start, end), start);
    for (let left = reader.u32("locals"); left > 0; left--) {
      reader.u32("a count");
      const type = reader.byte("a type");
      if (type === 0x63 || type === 0x64) reader.u32("a heap type");
    }
    return reader.offset;
  }

  #writeBlockType(out: ByteWriter, results: readonly string[]): void {
    const [type, ...more] = results.map((result) => typeByte(result) ?? VOID);
    if (more.length === 0) {
      out.byte(type ?? VOID);
      return;
    }
    out.signed(this.#shape.types.length + this.#newTypes.length);
    this.#newTypes.push([FUNCTION_TYPE, 0, results.length, type ?? VOID, ...more]);
  }

  /** A trap behind `global.set` ends what would go on for too long: it stays one. */
  #writeInstructions(out: ByteWriter, start: number, end: number): void {
    const cursor = new BodyCursor(this.#bytes);
    cursor.open(start, end);
    let before = 0;
    while (cursor.advance()) {
      const isTrap = cursor.opcode === OP.UNREACHABLE && before !== OP.GLOBAL_SET;
      const choice = isTrap ? this.#choice() % 3 : 0;
      if (choice === 0) out.copy(this.#bytes, cursor.start, cursor.at);
      else if (choice === 1) out.all([OP.THROW, TAG.BARE]);
      else out.all([...(DEFAULTS["i32"] ?? []), OP.THROW, TAG.NUMBERED]);
      before = cursor.opcode;
    }
  }

  #choice(): number {
    const { length } = this.#choices;
    return this.#choices[this.#chosen++ % length] ?? 0;
  }
}

function orderOf(id: number): number {
  return SECTION_ORDER.indexOf(id);
}

function section(out: ByteWriter, id: number, contents: Uint8Array): void {
  out.byte(id);
  out.unsigned(contents.length);
  out.all(contents);
}
