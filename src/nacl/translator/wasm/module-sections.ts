import { ByteWriter, TYPE } from "../../../wasm/rewrite/index.ts";
import type { DataBytes, GlobalShape } from "../guest/index.ts";
import type { Code } from "./code.ts";

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const FUNCTION_TYPE = 0x60;
/**
 * The engine collects its heap when a program takes a memory as large as ours, unless that could
 * be shared between threads: of which there are none.
 */
const SHARED_AND_LIMITED = 3;
/** The code section takes most of the module: its size is guessed to need four bytes. */
const LARGE = 0x20_0000;

/** Collects function types, each once. */
export class TypeTable {
  readonly #indices = new Map<string, number>();
  readonly #types: (readonly [readonly number[], readonly number[]])[] = [];

  index(parameters: readonly number[], results: readonly number[]): number {
    const key = `${parameters}>${results}`;
    let index = this.#indices.get(key);
    if (index === undefined) {
      index = this.#types.push([parameters, results]) - 1;
      this.#indices.set(key, index);
    }
    return index;
  }

  write(out: ByteWriter): void {
    out.unsigned(this.#types.length);
    for (const [parameters, results] of this.#types) {
      out.byte(FUNCTION_TYPE);
      out.unsigned(parameters.length);
      out.all(parameters);
      out.unsigned(results.length);
      out.all(results);
    }
  }
}

export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly type: number;
}

export interface FunctionBody {
  readonly type: number;
  readonly code: Code;
}

/** A table of functions, its own or imported. */
export interface TableShape {
  readonly name: string;
  readonly size: number;
}

export interface ElementRun {
  readonly table: number;
  readonly offset: number;
  readonly functions: readonly number[];
}

/** Everything that makes up a module, with indices already given. */
export interface ModuleParts {
  readonly types: TypeTable;
  readonly imports: readonly FunctionImport[];
  /** Module that memory, tables and globals come from; absent where they are its own. */
  readonly from?: string;
  readonly memoryPages: number;
  readonly tables: readonly TableShape[];
  readonly globals: readonly GlobalShape[];
  readonly functions: readonly FunctionBody[];
  readonly exports: readonly (readonly [name: string, index: number])[];
  readonly elements: readonly ElementRun[];
  readonly data: readonly DataBytes[];
  /** What the engine calls the module where it tells of a fault. */
  readonly name?: string;
}

/** Writes a module of these parts. Equal parts give equal bytes. */
export function writeModule(parts: ModuleParts): Uint8Array {
  const out = new ByteWriter(1 << 16);
  out.all(MAGIC);
  const section = (id: number, write: () => void, guess = LARGE) => {
    out.byte(id);
    out.sized(guess, write);
  };
  const own = parts.from === undefined;
  section(1, () => parts.types.write(out), 0x80);
  section(2, () => writeImports(out, parts), 0x80);
  section(3, () => {
    out.unsigned(parts.functions.length);
    for (const { type } of parts.functions) out.unsigned(type);
  });
  if (own) {
    section(4, () => writeTables(out, parts), 0x80);
    section(5, () => {
      out.unsigned(1);
      writeMemory(out, parts.memoryPages);
    });
    section(6, () => writeGlobals(out, parts.globals), 0x80);
  }
  section(7, () => writeExports(out, parts), 0x80);
  section(9, () => writeElements(out, parts));
  section(10, () => {
    out.unsigned(parts.functions.length);
    for (const { code } of parts.functions) code.writeBody(out);
  });
  if (parts.data.length > 0) section(11, () => writeData(out, parts.data));
  const { name } = parts;
  if (name !== undefined) section(0, () => writeName(out, name), 0x40);
  return out.written().slice();
}

function writeImports(out: ByteWriter, parts: ModuleParts): void {
  const { imports, from, tables, globals } = parts;
  const shared = from === undefined ? 0 : 1 + tables.length + globals.length;
  out.unsigned(imports.length + shared);
  for (const { module, name, type } of imports) {
    out.name(module);
    out.name(name);
    out.byte(0);
    out.unsigned(type);
  }
  if (from === undefined) return;
  for (const { name, size } of tables) {
    out.name(from);
    out.name(name);
    out.all([1, TYPE.FUNCREF, 0]);
    out.unsigned(size);
  }
  out.name(from);
  out.name("memory");
  out.byte(2);
  writeMemory(out, parts.memoryPages);
  for (const { name, type } of globals) {
    out.name(from);
    out.name(name);
    out.all([3, type, 1]);
  }
}

function writeMemory(out: ByteWriter, pages: number): void {
  out.byte(SHARED_AND_LIMITED);
  out.unsigned(pages);
  out.unsigned(pages);
}

function writeTables(out: ByteWriter, { tables }: ModuleParts): void {
  out.unsigned(tables.length);
  for (const { size } of tables) {
    out.all([TYPE.FUNCREF, 0]);
    out.unsigned(size);
  }
}

function writeGlobals(out: ByteWriter, globals: readonly GlobalShape[]): void {
  out.unsigned(globals.length);
  for (const { type, initial } of globals) {
    out.all([type, 1]);
    if (type === TYPE.V128) {
      out.all([0xfd, 12]);
      out.all(new Uint8Array(16));
    } else {
      out.byte(type === TYPE.I64 ? 0x42 : 0x41);
      out.signed(initial);
    }
    out.byte(0x0b);
  }
}

function writeExports(out: ByteWriter, parts: ModuleParts): void {
  const own = parts.from === undefined;
  const { exports, tables, globals } = parts;
  out.unsigned(exports.length + (own ? 1 + tables.length + globals.length : 0));
  const add = (name: string, kind: number, index: number) => {
    out.name(name);
    out.byte(kind);
    out.unsigned(index);
  };
  for (const [name, index] of exports) add(name, 0, index);
  if (!own) return;
  add("memory", 2, 0);
  for (const [index, { name }] of tables.entries()) add(name, 1, index);
  for (const [index, { name }] of globals.entries()) add(name, 3, index);
}

function writeElements(out: ByteWriter, { elements }: ModuleParts): void {
  out.unsigned(elements.length);
  for (const { table, offset, functions } of elements) {
    if (table === 0) out.byte(0);
    else {
      out.byte(2);
      out.unsigned(table);
    }
    out.byte(0x41);
    out.signed(offset);
    out.byte(0x0b);
    if (table !== 0) out.byte(0);
    out.unsigned(functions.length);
    for (const index of functions) out.unsigned(index);
  }
}

function writeData(out: ByteWriter, data: readonly DataBytes[]): void {
  out.unsigned(data.length);
  for (const { address, bytes } of data) {
    out.all([0, 0x41]);
    out.signed(address | 0);
    out.byte(0x0b);
    out.unsigned(bytes.length);
    out.all(bytes);
  }
}

/** The part of the section of names that holds the name of the module. */
const MODULE_NAME = 0;

function writeName(out: ByteWriter, name: string): void {
  out.name("name");
  out.byte(MODULE_NAME);
  out.sized(0, () => out.name(name));
}
