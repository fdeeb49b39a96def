import { FLAG } from "../../../src/nacl/x86/index.ts";
import { describe, GENERAL, hex } from "./describe.ts";
import { FAULT_NAMES, RECORD } from "./layout.ts";
import { isNear } from "./undefined.ts";
import { hasVex, type Variant } from "./variant.ts";

/** Where the flags stand in what `lahf` gives; O is in the byte below. */
const IN_AH: readonly (readonly [flag: number, letter: string, bit: number])[] = [
  [FLAG.C, "C", 8],
  [FLAG.P, "P", 10],
  [FLAG.A, "A", 12],
  [FLAG.Z, "Z", 14],
  [FLAG.S, "S", 15],
  [FLAG.O, "O", 0],
];
/** Number of the fault of an undefined instruction. */
const UNDEFINED = 2;
const ALL_FLAGS = "all flags";

/** How the translated records of a variant differ from the processor's, first; undefined if not. */
export function differenceOf(
  variant: Variant,
  before: Uint8Array,
  native: Uint8Array,
  translated: Uint8Array,
): string | undefined {
  for (let at = 0; at < before.length; at += RECORD.bytes) {
    const states = [before, native, translated].map((bytes) => viewOf(bytes, at));
    const [start, one, other] = states as [DataView, DataView, DataView];
    const lines = [...compare(variant, start, one, other)];
    if (lines.length > 0) return describe(variant, start, at / RECORD.bytes, lines);
  }
  return undefined;
}

/** Whether the first of some records ended in an undefined instruction. */
export function isUndefinedIn(records: Uint8Array): boolean {
  return viewOf(records, 0).getUint32(RECORD.fault, true) === UNDEFINED;
}

function viewOf(bytes: Uint8Array, at: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + at, RECORD.bytes);
}

function* compare(
  variant: Variant,
  start: DataView,
  one: DataView,
  other: DataView,
): Iterable<string> {
  const faults = [one, other].map((view) => view.getUint32(RECORD.fault, true));
  const [native = 0, translated = 0] = faults;
  if (native !== translated) {
    yield `fault: processor ${FAULT_NAMES[native]}, translated ${FAULT_NAMES[translated]}`;
  }
  // Behind a fault there is no state to compare.
  if (native !== 0 || translated !== 0) return;
  for (const [register, name] of GENERAL.entries()) yield* eight(name, 8 * register, one, other);
  yield* flags(variant, start, one, other);
  const end = hasVex(variant) ? RECORD.end : RECORD.upper;
  for (let at = RECORD.xmm; at < end; at += 8) {
    const [only, more] = variant.operations;
    const isVector =
      (at < RECORD.mm || at >= RECORD.upper) && only !== undefined && more === undefined;
    if (isVector && isNear(only, start, one, other, at)) continue;
    yield* eight(nameAt(at), at, one, other);
  }
}

function nameAt(at: number): string {
  if (at >= RECORD.upper) {
    const half = (at - RECORD.upper) / 8;
    return `ymm${half >> 1} ${half % 2 === 0 ? "third" : "last"} quarter`;
  }
  if (at < RECORD.mm) {
    const half = (at - RECORD.xmm) / 8;
    return `xmm${half >> 1}${half % 2 === 0 ? " low" : " high"}`;
  }
  return at < RECORD.window ? `mm${(at - RECORD.mm) / 8}` : `memory+${at - RECORD.window}`;
}

function* eight(name: string, at: number, one: DataView, other: DataView): Iterable<string> {
  const [native, translated] = [one, other].map((view) => view.getBigUint64(at, true));
  if (native === translated) return;
  yield `${name}: processor ${hex(native ?? 0n)}, translated ${hex(translated ?? 0n)}`;
}

function* flags(
  { observer, undefinedFlags }: Variant,
  start: DataView,
  one: DataView,
  other: DataView,
): Iterable<string> {
  const free = undefinedFlags(start);
  const [native = 0, translated = 0] = [one, other].map((view) =>
    view.getUint16(RECORD.flags, true),
  );
  if (observer.name !== ALL_FLAGS) {
    if ((observer.reads & free) !== 0 || native === translated) return;
    yield `${observer.name} behind it: processor ${native}, translated ${translated}`;
    return;
  }
  for (const [flag, letter, bit] of IN_AH) {
    if ((free & flag) !== 0 || ((native ^ translated) & (1 << bit)) === 0) continue;
    yield `flag ${letter}: processor ${(native >> bit) & 1}, translated ${(translated >> bit) & 1}`;
  }
}
