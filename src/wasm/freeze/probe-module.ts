import { type ModuleShape, malformed, readModule } from "../index.ts";
import { type ByteWriter, ModuleDraft, ModuleTypes, OP, TYPE } from "../rewrite/index.ts";
import { type CodeChanges, findChanges } from "./find-changes.ts";
import { FROZEN_NAME } from "./frozen-head.ts";
import { type DefinedGlobal, readGlobals } from "./read-globals.ts";
import { exportSection, joinSections, SECTION } from "./sections.ts";

/** Names under which a probe shows what is to be stored. */
export const PROBE = { VALUE: "zerovm.value.", TABLE: "zerovm.table." } as const;

const INITIALISERS = ["wizer.initialize", "_initialize"] as const;
/** What runs later in place of `_start`, where a module has it. */
const RESUME = "wizer.resume";
/** Each is asked for one by one, and travels in the answer of a cell. */
const GLOBALS_MAX = 10_000;

/** How a module is to be frozen. */
export interface Freezing {
  readonly source: Uint8Array;
  readonly shape: ModuleShape;
  /** The module that is run: its `_start` initialises, and its exports show what came of it. */
  readonly probe: Uint8Array;
  /** Numbers that the probe shows, of these globals in this order; two of one of 128 bits. */
  readonly globals: readonly DefinedGlobal[];
  readonly valueCount: number;
  /** Tables of which the probe shows whether they changed. */
  readonly tableCount: number;
  /** Exports that a frozen module has. */
  readonly exports: ModuleShape["exports"];
}

/**
 * Plans how a module is frozen: run to the end of its initialiser, then written anew.
 * @param initialiser the name of the export; where none is given one of the usual names
 * @throws ZvmError ZVM_PROGRAM_REFUSED for a module that cannot be frozen, and why
 */
export function planFreezing(source: Uint8Array, initialiser?: string): Freezing {
  const shape = readModule(source);
  if (shape.customSections.some(({ name }) => name === FROZEN_NAME)) {
    throw malformed(0, "the module is frozen already", "the module that it was made of");
  }
  const name = initialiserOf(shape, initialiser);
  const changes = findChanges(source, shape);
  if (changes.drops) {
    const message = "its code drops segments (data.drop, elem.drop), and nothing shows which";
    throw malformed(0, message, "code without passive segments that are dropped");
  }
  const globals = readGlobals(source, shape).filter(({ isMutable }) => isMutable);
  if (globals.length > GLOBALS_MAX) {
    throw malformed(0, `it has ${globals.length} mutable globals`, `at most ${GLOBALS_MAX}`);
  }
  const exports = frozenExports(shape, name);
  return { source, shape, globals, exports, ...probeOf(source, shape, name, globals, changes) };
}

function initialiserOf(shape: ModuleShape, asked: string | undefined): string {
  const names: readonly string[] = asked === undefined ? INITIALISERS : [asked];
  const named = names.flatMap((name) => shape.exports.filter((it) => it.name === name));
  const found = named.find(isAction);
  if (found !== undefined) return found.name;
  const [first] = named;
  const message = `it exports no function ${names.join(" and no ")} without parameters and results`;
  throw malformed(first?.offset ?? 0, message, "an initialiser, or its name with --init");
}

function isAction({ kind, type }: ModuleShape["exports"][number]): boolean {
  return kind === "function" && type === "->";
}

/** Without what has been done; `wizer.resume` goes on in place of the start of the program. */
function frozenExports(shape: ModuleShape, initialiser: string): ModuleShape["exports"] {
  const resume = shape.exports.find((it) => it.name === RESUME && isAction(it));
  const gone = new Set([initialiser, ...INITIALISERS, RESUME]);
  if (resume !== undefined) gone.add("_start");
  const kept = shape.exports.filter(({ name }) => !gone.has(name));
  if (resume !== undefined) return [...kept, { ...resume, name: "_start" }];
  if (kept.some(({ name }) => name === "_start")) return kept;
  const message = "it exports no _start and no wizer.resume, so nothing could run from the image";
  throw malformed(0, message, "a program that also runs");
}

function probeOf(
  source: Uint8Array,
  shape: ModuleShape,
  initialiser: string,
  globals: readonly DefinedGlobal[],
  changes: CodeChanges,
): Pick<Freezing, "probe" | "valueCount" | "tableCount"> {
  const others = shape.exports.filter(({ name }) => name !== "_start");
  const replaced = new Map([[SECTION.EXPORT, exportSection(others)]]);
  const body = joinSections(source, shape, replaced);
  const bytes = new Uint8Array(8 + body.length);
  bytes.set(source.subarray(0, 8));
  bytes.set(body, 8);
  const stripped = readModule(bytes);
  const draft = new ModuleDraft(bytes, stripped, new ModuleTypes(bytes, stripped));
  addStart(draft, shape, initialiser);
  const value = draft.functionType([], [TYPE.I64]);
  let valueCount = 0;
  for (const { index, type } of globals) {
    for (const read of readsOf(type)) {
      const made = draft.addFunction(value, (out) => {
        out.all([0, OP.GLOBAL_GET]);
        out.unsigned(index);
        out.all([...read, OP.END]);
      });
      draft.addExport(`${PROBE.VALUE}${valueCount}`, "function", made);
      valueCount += 1;
    }
  }
  const tableCount = changes.tables ? shape.tables.length : 0;
  for (let table = 0; table < tableCount; table += 1) {
    draft.addExport(`${PROBE.TABLE}${table}`, "table", table);
  }
  return { probe: new Uint8Array(draft.write()), valueCount, tableCount };
}

/** As `_start`: what sets a library up first, then the initialiser. */
function addStart(draft: ModuleDraft, shape: ModuleShape, initialiser: string): void {
  const names = initialiser === "_initialize" ? [initialiser] : ["_initialize", initialiser];
  const steps = names.flatMap((name) =>
    shape.exports.filter((it) => it.name === name && isAction(it)),
  );
  const start = draft.addFunction(draft.functionType([], []), (out: ByteWriter) => {
    out.byte(0);
    for (const { index } of steps) {
      out.byte(OP.CALL);
      out.unsigned(index);
    }
    out.byte(OP.END);
  });
  draft.addExport("_start", "function", start);
}

const EXTEND = 0xad;

/** What turns a value into numbers of 64 bits; of a reference only whether it is null. */
function readsOf(type: string): readonly (readonly number[])[] {
  switch (type) {
    case "i32":
      return [[EXTEND]];
    case "i64":
      return [[]];
    case "f32":
      return [[0xbc, EXTEND]];
    case "f64":
      return [[0xbd]];
    case "v128":
      return [LANE_0, LANE_1];
    default:
      return [[0xd1, EXTEND]];
  }
}

/** `i64x2.extract_lane`. */
const LANE = 0x1d;
const LANE_0 = [0xfd, LANE, 0];
const LANE_1 = [0xfd, LANE, 1];
