import { bytesOfHex, type Sha256 } from "../../base/index.ts";
import { malformed, skipConstantExpression } from "../index.ts";
import { ByteWriter, OP } from "../rewrite/index.ts";
import { stretchesOf } from "./data-segments.ts";
import { FROZEN_BYTES, type FrozenState, writeFrozenHead } from "./frozen-head.ts";
import type { Freezing } from "./probe-module.ts";
import type { DefinedGlobal } from "./read-globals.ts";
import { entriesOf, exportSection, joinSections, type Replacements, SECTION } from "./sections.ts";

const PAGE_BYTES = 65_536;

/** What a probe showed when it had run. */
export interface Shown {
  readonly memory: Uint8Array;
  /** As many numbers as the plan says. */
  readonly values: readonly bigint[];
  readonly state: FrozenState;
}

/**
 * Writes the module that begins where its initialiser ended. Equal inputs give equal bytes.
 * @throws ZvmError ZVM_PROGRAM_REFUSED for what no module can hold, such as references
 */
export function frozenModule(plan: Freezing, shown: Shown, sha256: Sha256): Uint8Array {
  const { source, shape } = plan;
  const replaced: Map<number, Uint8Array | null> = new Map<number, Uint8Array | null>([
    [SECTION.MEMORY, memorySection(plan, shown.memory.length / PAGE_BYTES)],
    [SECTION.EXPORT, exportSection(plan.exports)],
    [SECTION.START, null],
    ...dataSections(plan, shown.memory),
  ]);
  const globals = globalSection(plan, shown.values);
  if (globals !== undefined) replaced.set(SECTION.GLOBAL, globals);
  const body = joinSections(source, shape, replaced);
  const head = writeFrozenHead({ ...shown.state, sourceHash: sha256(source) });
  const whole = new Uint8Array(FROZEN_BYTES + body.length);
  whole.set(head);
  whole.set(bytesOfHex(sha256(head, body)), head.length);
  whole.set(body, FROZEN_BYTES);
  return whole;
}

/** The memory begins as large as it had become. */
function memorySection({ shape }: Freezing, pages: number): Uint8Array {
  const [memory] = shape.memories;
  const out = new ByteWriter(16);
  out.byte(1);
  out.byte(memory?.maximum === undefined ? 0 : 1);
  out.unsigned(pages);
  if (memory?.maximum !== undefined) out.unsigned(memory.maximum);
  return out.written();
}

function globalSection(plan: Freezing, values: readonly bigint[]): Uint8Array | undefined {
  const { source, shape, globals } = plan;
  const reader = entriesOf(source, shape, SECTION.GLOBAL);
  if (reader === undefined) return undefined;
  const section = shape.sections.find(({ id }) => id === SECTION.GLOBAL);
  const out = new ByteWriter(1024);
  out.unsigned(reader.count("globals", 3));
  let from = reader.offset;
  let at = 0;
  for (const global of globals) {
    out.copy(source, from, global.valueStart);
    const [low = 0n, high = 0n] = [values[at], values[at + 1]];
    at += global.type === "v128" ? 2 : 1;
    writeValue(out, source, global, low, high);
    from = global.end;
  }
  out.copy(source, from, section?.end ?? from);
  return out.written();
}

function writeValue(
  out: ByteWriter,
  source: Uint8Array,
  global: DefinedGlobal,
  low: bigint,
  high: bigint,
): void {
  switch (global.type) {
    case "i32":
      out.byte(OP.I32_CONST);
      out.signed64(BigInt.asIntN(32, low));
      break;
    case "i64":
      out.byte(OP.I64_CONST);
      out.signed64(low);
      break;
    case "f32":
      out.byte(OP.F32_CONST);
      out.all(bytesOf(low).subarray(0, 4));
      break;
    case "f64":
      out.byte(OP.F64_CONST);
      out.all(bytesOf(low));
      break;
    case "v128":
      out.all([0xfd, V128_CONST, ...bytesOf(low), ...bytesOf(high)]);
      break;
    default:
      if (!global.isNull || low !== 1n) throw referenceInGlobal(global);
      out.copy(source, global.valueStart, global.end);
      return;
  }
  out.byte(OP.END);
}

function referenceInGlobal({ index, type, valueStart }: DefinedGlobal): Error {
  const message = `the global ${index} holds a reference (${type}), which cannot be stored`;
  return malformed(valueStart, message, "references that are null when the initialiser ends");
}

function bytesOf(value: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, value), true);
  return new Uint8Array(view.buffer);
}

/** `v128.const`. */
const V128_CONST = 0x0c;

const PASSIVE = 1;
const ACTIVE = 0;

/**
 * The contents of memory as segments. Where code names segments by number those of the module keep
 * their places: active ones were used up when the module began, which an empty one is as well.
 */
function dataSections(plan: Freezing, memory: Uint8Array): Replacements {
  const { source, shape } = plan;
  const isNamed = shape.sections.some(({ id }) => id === SECTION.DATA_COUNT);
  const kept = isNamed ? keptSegments(plan) : [];
  const stretches = stretchesOf(memory);
  const out = new ByteWriter(memory.length / 8 + 1024);
  const count = kept.length + stretches.length;
  out.unsigned(count);
  for (const { start, end } of kept) {
    out.byte(PASSIVE);
    out.unsigned(end - start);
    out.copy(source, start, end);
  }
  for (const { start, end } of stretches) {
    out.byte(ACTIVE);
    out.byte(OP.I32_CONST);
    out.signed64(BigInt.asIntN(32, BigInt(start)));
    out.byte(OP.END);
    out.unsigned(end - start);
    out.copy(memory, start, end);
  }
  const counted = new ByteWriter(8);
  counted.unsigned(count);
  const data = count === 0 ? null : out.written();
  return new Map([
    [SECTION.DATA, data],
    [SECTION.DATA_COUNT, isNamed ? counted.written() : null],
  ]);
}

/** Contents of the module's own segments, as places in it: those of active ones are empty. */
function keptSegments({ source, shape }: Freezing): { start: number; end: number }[] {
  const reader = entriesOf(source, shape, SECTION.DATA);
  if (reader === undefined) return [];
  const count = reader.count("data segments", 2);
  const segments: { start: number; end: number }[] = [];
  for (let at = 0; at < count; at += 1) {
    const kind = reader.u32("the kind of a data segment");
    if (kind === 2) reader.u32("the index of a memory");
    if (kind !== PASSIVE) skipConstantExpression(reader);
    const sizeBytes = reader.u32("the size of a data segment");
    const start = reader.offset;
    reader.skip(sizeBytes, "a data segment");
    segments.push({ start, end: kind === PASSIVE ? reader.offset : start });
  }
  return segments;
}
