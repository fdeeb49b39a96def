import { malformed } from "./byte-reader.ts";
import type { LimitsShape, ModuleShape, SectionShape } from "./module-shape.ts";

/** Pages of 64 KiB that a memory can have: 4 GiB. */
export const MEMORY_PAGES_MAX = 65_536;
/** Elements to which engines let a table grow, whatever it declares. */
export const TABLE_ELEMENTS_MAX = 10_000_000;

export interface ModuleLimits {
  /** Largest size of each memory, in pages of 64 KiB. */
  readonly memoryPages: number;
  /** Largest size of each table, in elements. */
  readonly tableElements: number;
}

/** Bytes of the module from `start` to `end` that become `bytes`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: readonly number[];
}

/**
 * Lowers the declared maxima of all memories and tables to the limits, and adds them where there
 * are none, so that the engine itself refuses to grow beyond. Everything else keeps its bytes.
 * @returns the same array when every maximum is already in order. Limits at the engine's own
 *   bounds (65 536 pages, ten million elements) need no declaration.
 * @throws ZvmError when a minimum is above its limit.
 */
export function limitModule(
  bytes: Uint8Array,
  shape: ModuleShape,
  limits: ModuleLimits,
): Uint8Array {
  const edits = limitEdits(shape, limits);
  if (edits.length === 0) return bytes;
  return applyEdits(bytes, [...edits, ...sizeEdits(shape.sections, edits)]);
}

/**
 * The changes that `limitModule` makes to the limits themselves.
 * @throws ZvmError when a minimum is above its limit.
 */
export function limitEdits(shape: ModuleShape, limits: ModuleLimits): Edit[] {
  return [
    ...shape.memories.map((it) => editOf(it, limits.memoryPages, MEMORY_PAGES_MAX, "memory")),
    ...shape.tables.map((it) => editOf(it, limits.tableElements, TABLE_ELEMENTS_MAX, "table")),
  ].filter((edit) => edit !== undefined);
}

function editOf(
  declared: LimitsShape,
  limit: number,
  engineMaximum: number,
  what: string,
): Edit | undefined {
  if (declared.minimum > limit) {
    const message = `a ${what} begins with ${declared.minimum}, above its limit`;
    throw malformed(declared.limitsStart, message, `at most ${limit}`);
  }
  const maximum = Math.min(declared.maximum ?? engineMaximum, engineMaximum);
  if (maximum <= limit) return undefined;
  const flags = 1 | (declared.shared ? 2 : 0) | (declared.address64 ? 4 : 0);
  return {
    start: declared.limitsStart,
    end: declared.limitsEnd,
    bytes: [flags, ...lebOf(declared.minimum), ...lebOf(limit)],
  };
}

/** New sizes for the sections in which an edit changed the length. */
function sizeEdits(sections: readonly SectionShape[], edits: readonly Edit[]): Edit[] {
  const sizes: Edit[] = [];
  for (const section of sections) {
    let growth = 0;
    for (const edit of edits) {
      if (edit.start < section.start || edit.end > section.end) continue;
      growth += edit.bytes.length - (edit.end - edit.start);
    }
    if (growth === 0) continue;
    const bytes = lebOf(section.end - section.start + growth);
    sizes.push({ start: section.headerStart + 1, end: section.start, bytes });
  }
  return sizes;
}

function applyEdits(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const sorted = edits.toSorted((left, right) => left.start - right.start);
  const growth = sorted.reduce((sum, it) => sum + it.bytes.length - (it.end - it.start), 0);
  const result = new Uint8Array(bytes.length + growth);
  let from = 0;
  let to = 0;
  for (const edit of sorted) {
    result.set(bytes.subarray(from, edit.start), to);
    to += edit.start - from;
    result.set(edit.bytes, to);
    to += edit.bytes.length;
    from = edit.end;
  }
  result.set(bytes.subarray(from), to);
  return result;
}

/** A whole number from 0 to 2^53 in its shortest LEB128 form. */
function lebOf(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
