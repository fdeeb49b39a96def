/** Runs a module in all the forms that our passes give it, and writes down what can be seen. */
import { createHash } from "node:crypto";
import { countFunctions, limitEdits, readModule } from "../../src/wasm/index.ts";
import {
  GUARD_EXPORTS,
  type PrepareOptions,
  prepareModule,
  readGuards,
} from "../../src/wasm/meter/index.ts";
import { outlineLoops } from "../../src/wasm/outline/index.ts";
import { ModuleDraft, ModuleTypes } from "../../src/wasm/rewrite/index.ts";
import { cellsRefuse } from "../support/cells-refuse.ts";
import { makeHost, shown } from "./host.ts";
import { trapKind } from "./trap-kind.ts";

/** What one form of a module came to. */
export interface Seen {
  /** Everything that happened, and all that is left. */
  readonly events: readonly string[];
  /** Units that were used, where they are counted. */
  readonly fuel?: string;
}

/** What all forms of a module came to, or why they could not be run. */
export type Observation =
  | { readonly skipped: string }
  | { readonly forms: Readonly<Record<string, Seen>> };

const FUEL = 10n ** 12n;
const LIMITS = { memoryPages: 64, tableElements: 10_000 };
/** As sessions have it, but that there may be no fuel. */
const SETTLED: PrepareOptions = {
  stackBytes: 400_000,
  limits: LIMITS,
  slices: true,
  canonicalNans: true,
};
/** Loops of random modules are short. */
const ROUNDS = { inPlace: 1, inCall: 2, unitsInCall: 60, busyLoopMin: 1 };

/**
 * The forms: `raw` as it came, `settled` with canonical NaNs and nothing else, `guarded` as a
 * session has it, `metered` with fuel as well, `short` with half of the fuel that it needs; and
 * the last three with their loops moved.
 */
export function observe(original: Uint8Array): Observation {
  if (cellsRefuse(original)) return { skipped: "cells refuse it" };
  const bytes = limited(opened(original));
  if (!WebAssembly.validate(new Uint8Array(bytes))) return { skipped: "the engine refuses it" };
  const forms: Record<string, Seen> = {};
  const add = (name: string, options: PrepareOptions): Seen => {
    const prepared = prepareModule(bytes, options);
    const seen = run(prepared, bytes, options.fuel);
    forms[name] = seen;
    forms[`${name} moved`] = run(moved(prepared, bytes), bytes, options.fuel);
    return seen;
  };
  forms["raw"] = run(bytes, bytes);
  forms["settled"] = run(prepareModule(bytes, { canonicalNans: true }), bytes);
  add("guarded", SETTLED);
  const metered = add("metered", { ...SETTLED, fuel: FUEL });
  add("short", { ...SETTLED, fuel: BigInt(metered.fuel ?? 0n) / 2n });
  const isDeep = Object.values(forms).some(({ events }) => events.includes(STACK));
  return isDeep ? { skipped: "the stack of the engine ended" } : { forms };
}

const STACK = "ended: stack";

/** The module with lower maxima, so that no growth exhausts the host. */
function limited(bytes: Uint8Array): Uint8Array {
  const shape = readModule(bytes);
  const draft = new ModuleDraft(bytes, shape, new ModuleTypes(bytes, shape));
  draft.edit(limitEdits(shape, LIMITS));
  return draft.write();
}

/** The module with exports of everything that it keeps, its start function included. */
function opened(bytes: Uint8Array): Uint8Array {
  const shape = readModule(bytes);
  const draft = new ModuleDraft(bytes, shape, new ModuleTypes(bytes, shape));
  const globalCount = shape.globalCount;
  for (let index = 0; index < globalCount; index++) {
    draft.addExport(`fuzz.global.${index}`, "global", index);
  }
  for (const index of shape.memories.keys())
    draft.addExport(`fuzz.memory.${index}`, "memory", index);
  for (const index of shape.tables.keys()) draft.addExport(`fuzz.table.${index}`, "table", index);
  if (shape.startFunction !== undefined) {
    draft.dropStart();
    draft.addExport("fuzz.start", "function", shape.startFunction);
  }
  return new Uint8Array(draft.write());
}

function moved(prepared: Uint8Array, bytes: Uint8Array): Uint8Array {
  const shape = readModule(bytes);
  const count = countFunctions(shape);
  const first = count - shape.functionCount;
  const functions = Array.from({ length: shape.functionCount }, (_, index) => first + index);
  const after = readModule(prepared);
  const fuel = after.exports.find(({ name }) => name === GUARD_EXPORTS.FUEL);
  const counted = fuel && { fuelGlobal: fuel.index };
  return outlineLoops(prepared, after, { ...ROUNDS, ...counted, functions });
}

function run(module: Uint8Array, original: Uint8Array, fuel?: bigint): Seen {
  const shape = readModule(original);
  const host = makeHost(original, shape);
  const { events } = host;
  const attempt = (name: string, work: () => unknown): boolean => {
    try {
      events.push(`${name}: ${shown(work())}`);
      return true;
    } catch (error) {
      events.push(`ended: ${trapKind(error)}`);
      return false;
    }
  };
  let exports: WebAssembly.Exports = {};
  attempt("made", () => {
    const imports = host.imports as WebAssembly.Imports;
    exports = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(module)), imports)
      .exports;
    return 0;
  });
  const named = shape.exports.filter(({ kind, name }) => kind === "function" && name in exports);
  host.functions = named
    .filter(({ type }) => type === "->")
    .map(({ name }) => exports[name] as () => unknown);
  const isOver = (): boolean => readGuards(exports).ended !== undefined;
  for (const { name, type = "" } of [...named, ...named]) {
    if (isOver()) break;
    const [types = ""] = type.split("->");
    const values = host.values(types.trim().split(" ").filter(Boolean));
    attempt(name, () => (exports[name] as (...values: unknown[]) => unknown)(...values));
  }
  const guards = readGuards(exports);
  events.push(`guards: ${guards.ended ?? "none"} ${guards.hit.join(" ")}`, ...left(exports));
  return { events, ...(fuel === undefined ? {} : { fuel: String(fuel - (guards.fuel ?? 0n)) }) };
}

/** Memories, globals and the sizes of tables, as they were left. */
function left(exports: WebAssembly.Exports): string[] {
  return Object.entries(exports).flatMap(([name, it]) => {
    if (it instanceof WebAssembly.Memory) {
      const digest = createHash("sha256").update(new Uint8Array(it.buffer)).digest("hex");
      return [`${name}: ${it.buffer.byteLength} bytes ${digest}`];
    }
    if (it instanceof WebAssembly.Table) return [`${name}: ${it.length}`];
    if (!name.startsWith("fuzz.global") || !(it instanceof WebAssembly.Global)) return [];
    try {
      return [`${name}: ${shown(it.value)}`];
    } catch {
      return [`${name}: a vector`];
    }
  });
}
