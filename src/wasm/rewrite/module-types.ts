import { ByteReader, type ModuleShape, malformed } from "../index.ts";

const FUNCTION_SECTION = 3;
const TAG_SECTION = 13;

/** How many operands a function, block or tag takes and gives. */
export interface Arity {
  readonly params: readonly string[];
  readonly results: readonly string[];
}

const NO_FUNCTION_TYPE = 0xffff_ffff;

/** The types of functions, blocks and tags of a module, by index. Bad indices are refused. */
export class ModuleTypes {
  readonly #types: readonly string[];
  /** Made when it is first asked for: the first index of each signature. */
  #indices: ReadonlyMap<string, number> | undefined;
  readonly #arities: (Arity | undefined)[];
  /** Type index of each function, imported ones first. */
  readonly #functions: Uint32Array;
  readonly #tags: Uint32Array;
  readonly paramCounts: Uint32Array;
  readonly resultCounts: Uint32Array;
  readonly importedFunctionCount: number;

  constructor(bytes: Uint8Array, shape: ModuleShape) {
    this.#types = shape.types;
    this.#arities = new Array<Arity | undefined>(shape.types.length);
    this.paramCounts = new Uint32Array(shape.types.length);
    this.resultCounts = new Uint32Array(shape.types.length);
    for (let index = 0; index < shape.types.length; index++) {
      const arity = parseSignature(shape.types[index] ?? "");
      this.#arities[index] = arity;
      this.paramCounts[index] = arity?.params.length ?? NO_FUNCTION_TYPE;
      this.resultCounts[index] = arity?.results.length ?? 0;
    }
    const imported = this.#importedTypes(shape, "function");
    this.importedFunctionCount = imported.length;
    this.#functions = joined(imported, declaredTypes(bytes, shape, FUNCTION_SECTION));
    this.#tags = joined(
      this.#importedTypes(shape, "tag"),
      declaredTypes(bytes, shape, TAG_SECTION),
    );
  }

  get functionCount(): number {
    return this.#functions.length;
  }

  /** The type index of a function. @throws ZvmError when there is none. */
  ofFunction(index: number, offset: number): number {
    const type = this.#functions[index];
    if (type === undefined) throw malformed(offset, `there is no function ${index}`);
    return type;
  }

  /** @throws ZvmError when the index names no function type. */
  checkType(index: number, offset: number): void {
    if ((this.paramCounts[index] ?? NO_FUNCTION_TYPE) !== NO_FUNCTION_TYPE) return;
    throw malformed(offset, `type ${index} is no function type`);
  }

  /** @throws ZvmError when the index names no function type. */
  arity(index: number, offset: number): Arity {
    const arity = this.#arities[index];
    if (arity === undefined) throw malformed(offset, `type ${index} is no function type`);
    return arity;
  }

  /** What a tag carries, as the parameters of its type. */
  ofTag(index: number, offset: number): Arity {
    const type = this.#tags[index];
    if (type === undefined) throw malformed(offset, `there is no tag ${index}`);
    return this.arity(type, offset);
  }

  /** The first type of that signature; -1 when there is none. */
  find(signature: string): number {
    this.#indices ??= firstIndices(this.#types);
    return this.#indices.get(signature) ?? -1;
  }

  #importedTypes(shape: ModuleShape, kind: "function" | "tag"): number[] {
    const imported = shape.imports.filter((it) => it.kind === kind);
    return imported.map((it) => this.find(it.type ?? ""));
  }
}

function firstIndices(types: readonly string[]): ReadonlyMap<string, number> {
  const indices = new Map<string, number>();
  for (const [index, type] of types.entries()) if (!indices.has(type)) indices.set(type, index);
  return indices;
}

function parseSignature(text: string): Arity | undefined {
  const middle = text.indexOf("->");
  if (middle < 0) return undefined;
  return { params: splitTypes(text.slice(0, middle)), results: splitTypes(text.slice(middle + 2)) };
}

/** Types of a list such as `i32 (ref null 3) f64`. */
function splitTypes(text: string): string[] {
  return text.match(/\([^)]*\)|[^\s()]+/gu) ?? [];
}

function declaredTypes(bytes: Uint8Array, shape: ModuleShape, id: number): Uint32Array {
  const section = shape.sections.find((it) => it.id === id);
  if (section === undefined) return new Uint32Array(0);
  const reader = new ByteReader(bytes.subarray(section.start, section.end), section.start);
  const types = new Uint32Array(reader.count("types", 1));
  if (id === FUNCTION_SECTION) {
    reader.u32s(types, shape.types.length, "type");
    return types;
  }
  for (let index = 0; index < types.length; index++) {
    reader.byte("a tag");
    types[index] = reader.u32("the type of a tag");
  }
  return types;
}

function joined(first: readonly number[], second: Uint32Array): Uint32Array {
  const all = new Uint32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
