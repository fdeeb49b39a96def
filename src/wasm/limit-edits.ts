import { malformed } from "./byte-reader.ts";
import type { LimitsShape, ModuleShape } from "./module-shape.ts";

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
 * What lowers the declared maxima of all memories and tables to the limits, and adds them where
 * there are none, so that the engine itself refuses to grow beyond. Nothing where every maximum is
 * in order; limits at the engine's own bounds (65 536 pages, ten million elements) need no
 * declaration.
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
