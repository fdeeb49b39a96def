import { BUNDLE_BYTES, FORMS, NO_REGISTER } from "../../x86/index.ts";
import type { DataBytes } from "../guest/index.ts";
import type { BlockGraph } from "./block-graph.ts";

/** Most entries that are read of one table. */
const ENTRIES_MAX = 4096;
/** How far back the origin of a jump's address is looked for. */
const INSTRUCTIONS_MAX = 24;

/** Where the address of an indirect jump comes from. */
export type JumpOrigin =
  | { readonly kind: "return" }
  | { readonly kind: "table"; readonly address: number }
  | { readonly kind: "unknown" };

const UNKNOWN: JumpOrigin = { kind: "unknown" };
const RSP = 4;

/** Follows the register of an indirect jump back through its block. */
export function originOf(graph: BlockGraph, block: number): JumpOrigin {
  const { instructions: text, effects } = graph.text;
  const last = graph.last[block] ?? 0;
  let register = text.rm[last] ?? 0;
  const stop = Math.max(graph.first[block] ?? 0, last - INSTRUCTIONS_MAX);
  for (let at = last - 1; at >= stop; at--) {
    if ((((effects.writes[at] ?? 0) >>> register) & 1) === 0) continue;
    const name = FORMS[text.form[at] ?? 0]?.names[0] ?? "";
    if (name === "pop*") return { kind: "return" };
    if (name === "and*" || name === "add*") continue;
    if (name !== "mov*" && name !== "movsl*") return UNKNOWN;
    const base = text.base[at] ?? NO_REGISTER;
    if (base === NO_REGISTER) {
      const source = text.rm[at] === register ? text.reg[at] : text.rm[at];
      if (source === undefined || source === NO_REGISTER) return UNKNOWN;
      register = source;
      continue;
    }
    if (base === RSP) return { kind: "return" };
    return { kind: "table", address: (text.disp[at] ?? 0) >>> 0 };
  }
  return UNKNOWN;
}

/** Blocks from the first to the one before the last. */
export interface BlockRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The blocks that a table of code addresses in data names; empty where there is none.
 * @param end address where another table begins.
 * @param range of the function that the jump is in: a table names no others.
 */
export function readTable(
  graph: BlockGraph,
  data: readonly DataBytes[],
  address: number,
  end: number,
  range: BlockRange,
): readonly number[] {
  const part = data.find((it) => address >= it.address && address < it.address + it.bytes.length);
  if (part === undefined) return [];
  const view = new DataView(part.bytes.buffer, part.bytes.byteOffset, part.bytes.length);
  const word = (at: number) => (at + 4 <= part.bytes.length ? view.getUint32(at, true) : -1);
  const start = address - part.address;
  const blockAt = (at: number) => {
    const value = word(at);
    return value > 0 && value % BUNDLE_BYTES === 0 ? graph.at(value) : -1;
  };
  const step = word(start + 4) === 0 && blockAt(start + 8) >= 0 ? 8 : 4;
  const blocks = new Set<number>();
  for (let index = 0; index < ENTRIES_MAX; index++) {
    const at = start + index * step;
    const block = blockAt(at);
    if (block < range.from || block >= range.to || at + part.address >= end) break;
    blocks.add(block);
  }
  return [...blocks];
}
