import { ByteReader, type Edit, type ModuleShape, malformed, SECTION_ORDER } from "../index.ts";
import { AddedEntries, type Entries, writeElements } from "./added-entries.ts";
import type { NewBody, WriteBody } from "./body-place.ts";
import { type BranchHints, branchHintSection } from "./branch-hints.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type ImportName, writeImport } from "./import-entry.ts";
import type { ModuleTypes } from "./module-types.ts";
import {
  COUNT_BYTES_MAX,
  concatenate,
  customSection,
  SECTION,
  withHeader,
} from "./section-bytes.ts";
import { nameOfType, TYPE } from "./value-type.ts";

const KIND_BYTES = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** Room for what is added to the sections before and behind the code. */
const HEADROOM_BYTES = 65_536;

/**
 * A module that is being changed. Types, functions, globals and exports are added behind those
 * that are there, so that every index keeps its meaning. Custom sections are dropped, but for
 * the names: what they say of offsets in the code would be wrong.
 */
export class ModuleDraft {
  readonly #bytes: Uint8Array;
  readonly #shape: ModuleShape;
  readonly #types: ModuleTypes;
  readonly #added = new AddedEntries();
  readonly #newTypes = new Map<string, number>();
  #globalCount: number;
  #functionCount: number;
  #tableCount: number;
  #code: ByteWriter | undefined;
  /** Where the bodies begin in `#code`: room for all that comes before. */
  #headroom = 0;
  #bodyCount = 0;
  /** The bodies, where only some were replaced. */
  #pieces: readonly Uint8Array[] | undefined;
  #edits: readonly Edit[] = [];
  #hasStart = true;
  readonly #hints: BranchHints[] = [];

  constructor(bytes: Uint8Array, shape: ModuleShape, types: ModuleTypes) {
    this.#bytes = bytes;
    this.#shape = shape;
    this.#types = types;
    this.#globalCount = shape.globalCount;
    this.#functionCount = types.functionCount;
    this.#tableCount = shape.tables.length;
  }

  /** The index of a function type, which is added when the module has none. Types are bytes. */
  functionType(params: readonly number[], results: readonly number[]): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.#newTypes.get(key);
    if (known !== undefined) return known;
    const names = [...params.map(nameOfType), "->", ...results.map(nameOfType)].join(" ");
    let index = this.#types.find(names);
    if (index < 0) {
      const { out, count } = this.#added.to(SECTION.TYPE);
      out.byte(0x60);
      out.unsigned(params.length);
      out.all(params);
      out.unsigned(results.length);
      out.all(results);
      index = this.#shape.types.length + count - 1;
    }
    this.#newTypes.set(key, index);
    return index;
  }

  /** @param write writes locals and code. @returns the index of the function. */
  addFunction(typeIndex: number, write: (out: ByteWriter) => void): number {
    this.#added.to(SECTION.FUNCTION).out.unsigned(typeIndex);
    const { out } = this.#added.to(SECTION.CODE);
    out.sized(0, () => write(out));
    return this.#functionCount++;
  }

  /** @returns the index of a table of so many functions, all null, which does not grow. */
  addFunctionTable(size: number): number {
    const { out } = this.#added.to(SECTION.TABLE);
    out.all([TYPE.FUNCREF, 1]);
    out.unsigned(size);
    out.unsigned(size);
    return this.#tableCount++;
  }

  /** As `addFunctionTable`, with these functions in it. */
  addFilledTable(functions: readonly number[]): number {
    const table = this.addFunctionTable(functions.length);
    writeElements(this.#added.to(SECTION.ELEMENT).out, table, functions);
    return table;
  }

  /** Imports a mutable global: see `writeImport`. @returns the index of the global. */
  importGlobal(from: ImportName, type: number): number {
    writeImport(this.#added.to(SECTION.IMPORT).out, this.#shape, { ...from, kind: "global", type });
    return this.#globalCount++;
  }

  /** Imports a table of exactly `size` functions. @returns the index of the table. */
  importFunctionTable(from: ImportName, size: number): number {
    writeImport(this.#added.to(SECTION.IMPORT).out, this.#shape, { ...from, kind: "table", size });
    return this.#tableCount++;
  }

  /** @param initial a constant expression with its `end`. @returns the index of the global. */
  addGlobal(type: number, initial: (out: ByteWriter) => void): number {
    const { out } = this.#added.to(SECTION.GLOBAL);
    out.byte(type);
    out.byte(1);
    initial(out);
    return this.#globalCount++;
  }

  /**
   * Keeps names for exports that are added, now or not at all: whoever looks for one has to find
   * ours or none.
   * @throws ZvmError when the module itself exports one of them.
   */
  reserveExports(names: readonly string[]): void {
    const found = this.#shape.exports.find((it) => names.includes(it.name));
    if (found === undefined) return;
    throw malformed(found.offset, `the export ${found.name} has a name of the sandbox`);
  }

  /** The name must be one that was reserved. */
  addExport(name: string, kind: keyof typeof KIND_BYTES, index: number): void {
    const { out } = this.#added.to(SECTION.EXPORT);
    out.name(name);
    out.byte(KIND_BYTES[kind]);
    out.unsigned(index);
  }

  /** Changes bytes of sections that hold no code, such as the limits of memories. */
  edit(edits: readonly Edit[]): void {
    this.#edits = [...this.#edits, ...edits];
  }

  /** Nothing runs any more when an instance is made. */
  dropStart(): void {
    this.#hasStart = false;
  }

  /** Says which branches of a function are rarely taken; of functions in the order of indices. */
  addHints(hints: BranchHints): void {
    if (hints.offsets.length > 0) this.#hints.push(hints);
  }

  /** Rewrites every body. Types, functions and globals can be added meanwhile. */
  rewriteBodies(write: WriteBody): void {
    const section = this.#shape.sections.find((it) => it.id === SECTION.CODE);
    if (section === undefined) return;
    const { start, end } = section;
    const reader = new ByteReader(this.#bytes.subarray(start, end), start);
    const count = reader.count("function bodies", 3);
    // What comes before and behind is put around it, so that the code is written only once.
    this.#headroom = start + HEADROOM_BYTES;
    const room = this.#headroom + Math.ceil((end - start) * 1.5);
    const out = new ByteWriter(room + this.#bytes.length - end + HEADROOM_BYTES);
    out.at = this.#headroom;
    const first = this.#types.importedFunctionCount;
    for (let index = 0; index < count; index++) {
      const size = reader.u32("the size of a body");
      const from = reader.offset;
      reader.skip(size, "a function body");
      const place = out.openSized(size);
      write({ functionIndex: first + index, start: from, end: from + size }, out);
      out.closeSized(place, size);
    }
    reader.finish("the code section");
    this.#code = out;
    this.#bodyCount = count;
  }

  /**
   * Replaces some bodies and keeps the others without looking at them. Functions have to be added
   * as well.
   */
  replaceBodies(bodies: readonly NewBody[]): void {
    const section = this.#shape.sections.find((it) => it.id === SECTION.CODE);
    if (section === undefined) return;
    const pieces: Uint8Array[] = [];
    let from = this.#entriesOf(section).start;
    for (const body of bodies.toSorted((left, right) => left.sizeStart - right.sizeStart)) {
      pieces.push(this.#bytes.subarray(from, body.sizeStart), body.bytes);
      from = body.end;
    }
    this.#pieces = [...pieces, this.#bytes.subarray(from, section.end)];
  }

  /** The whole module. It may be a view into a larger array. */
  write(): Uint8Array {
    const head: Uint8Array[] = [this.#bytes.subarray(0, 8)];
    const tail: Uint8Array[] = [];
    const codePlace = SECTION_ORDER.indexOf(SECTION.CODE);
    SECTION_ORDER.forEach((id, place) => {
      if (id === SECTION.CODE) {
        head.push(...branchHintSection(this.#hints));
        this.#writeCodeHead(head, tail);
      } else this.#writeSection(id, place < codePlace ? head : tail);
    });
    this.#writeNames(tail);
    const out = this.#code;
    if (out === undefined) return concatenate([...head, ...tail]);
    for (const piece of tail) out.copy(piece, 0, piece.length);
    const before = concatenate(head);
    const start = this.#headroom - before.length;
    if (start < 0) return concatenate([before, out.bytes.subarray(this.#headroom, out.at)]);
    out.bytes.set(before, start);
    return out.bytes.subarray(start, out.at);
  }

  /** Header and number of bodies, and behind the bodies that are there those that were added. */
  #writeCodeHead(head: Uint8Array[], tail: Uint8Array[]): void {
    const added = this.#added.of(SECTION.CODE);
    const out = this.#code;
    if (out === undefined) {
      this.#writeSection(SECTION.CODE, head);
      return;
    }
    const more = added?.out.written() ?? new Uint8Array(0);
    const number = new ByteWriter(COUNT_BYTES_MAX);
    number.unsigned(this.#bodyCount + (added?.count ?? 0));
    const header = new ByteWriter(1 + COUNT_BYTES_MAX);
    header.byte(SECTION.CODE);
    header.unsigned(number.at + out.at - this.#headroom + more.length);
    head.push(header.written(), number.written());
    tail.push(more);
  }

  #writeSection(id: number, pieces: Uint8Array[]): void {
    const section = this.#shape.sections.find((it) => it.id === id);
    const added = this.#added.of(id);
    if (section === undefined && added === undefined) return;
    if (id === SECTION.START && !this.#hasStart) return;
    if (section === undefined || added !== undefined) {
      pieces.push(...this.#joinedSection(id, section, added));
      return;
    }
    const edited = this.#edited(section.start, section.end);
    if (edited.length > 1) pieces.push(...withHeader(section.id, edited));
    else pieces.push(this.#bytes.subarray(section.headerStart, section.end));
  }

  /** The section with entries added. */
  #joinedSection(
    id: number,
    section: { start: number; end: number } | undefined,
    added: Entries | undefined,
  ): Uint8Array[] {
    const { count, start } = this.#entriesOf(section);
    const kept = this.#edited(start, section?.end ?? start);
    const old = id === SECTION.CODE ? (this.#pieces ?? kept) : kept;
    const more = added?.out.written() ?? new Uint8Array(0);
    const number = new ByteWriter(COUNT_BYTES_MAX);
    number.unsigned(count + (added?.count ?? 0));
    return withHeader(id, [number.written(), ...old, more]);
  }

  #entriesOf(section: { start: number; end: number } | undefined): {
    count: number;
    start: number;
  } {
    if (section === undefined) return { count: 0, start: 0 };
    const head = this.#bytes.subarray(section.start, section.end);
    const reader = new ByteReader(head, section.start);
    const count = reader.u32("the number of entries");
    return { count, start: reader.offset };
  }

  /** Bytes of a section with their edits; a single piece where there are none. */
  #edited(start: number, end: number): Uint8Array[] {
    const edits = this.#edits.filter((it) => it.start >= start && it.end <= end);
    const contents: Uint8Array[] = [];
    let from = start;
    for (const edit of edits.toSorted((left, right) => left.start - right.start)) {
      contents.push(this.#bytes.subarray(from, edit.start), Uint8Array.from(edit.bytes));
      from = edit.end;
    }
    contents.push(this.#bytes.subarray(from, end));
    return contents;
  }

  #writeNames(pieces: Uint8Array[]): void {
    const names = this.#shape.customSections.find((it) => it.name === "name");
    if (names === undefined) return;
    const contents = this.#bytes.subarray(names.offset, names.offset + names.sizeBytes);
    pieces.push(...customSection("name", contents));
  }
}
