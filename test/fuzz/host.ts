import { type ImportShape, type ModuleShape, readModule } from "../../src/wasm/index.ts";

/** What a module says to its host, and what it is given. */
export interface FuzzHost {
  readonly imports: Record<string, Record<string, unknown>>;
  /** What was said, in order. */
  readonly events: string[];
  /** Values that are the same in every run. */
  values(types: readonly string[]): unknown[];
  /** Set when there is an instance: what `call-export` may call. */
  functions: readonly ((...values: unknown[]) => unknown)[];
}

const FLOATS = [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, -3.75, 1e10, 2 ** 31];
const ENGINE_TYPES: Readonly<Record<string, string>> = { funcref: "anyfunc" };
/** Exports may call each other through the host, so often. */
const CALLS_MAX = 50;
const DEPTH_MAX = 2;

/** A host for whatever a module imports: it notes all calls and answers always the same. */
export function makeHost(bytes: Uint8Array, shape: ModuleShape = readModule(bytes)): FuzzHost {
  const events: string[] = [];
  let seed = 1;
  const next = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return seed >> 8;
  };
  const valueFor = (type: string): unknown => {
    if (type === "i32") return next() % 3 === 0 ? next() % 8 : next() * 517;
    if (type === "i64") return BigInt(next()) * BigInt(next() % 2 === 0 ? 1 : -0x1234_5678_9abc);
    if (type === "f32" || type === "f64") return FLOATS[next() % FLOATS.length];
    return null;
  };
  const host: FuzzHost = {
    imports: {},
    events,
    functions: [],
    values: (types) => types.map(valueFor),
  };
  const calls = { left: CALLS_MAX, depth: 0 };
  for (const it of shape.imports) {
    const group = host.imports[it.module] ?? {};
    host.imports[it.module] = group;
    group[it.name] = it.kind === "function" ? hostFunction(host, it, calls) : thingOf(it, shape);
  }
  return host;
}

function hostFunction(host: FuzzHost, it: ImportShape, calls: { left: number; depth: number }) {
  const results = (it.type ?? "").split("->")[1]?.trim().split(" ").filter(Boolean) ?? [];
  return (...values: unknown[]): unknown => {
    host.events.push(`${it.name}(${values.map(shown).join(", ")})`);
    if (it.name.startsWith("call-export")) callExport(host, Number(values[0]), calls);
    const answers = host.values(results);
    return answers.length > 1 ? answers : answers[0];
  };
}

function callExport(host: FuzzHost, index: number, calls: { left: number; depth: number }): void {
  const { functions } = host;
  const callee = functions[Math.abs(index) % Math.max(1, functions.length)];
  if (callee === undefined || calls.left === 0 || calls.depth === DEPTH_MAX) return;
  calls.left--;
  calls.depth++;
  try {
    callee();
  } finally {
    calls.depth--;
  }
}

/** What is imported besides functions: as small as the module lets it be. */
function thingOf(it: ImportShape, shape: ModuleShape): unknown {
  if (it.kind === "global") {
    const [type = "", mutable] = (it.type ?? "").split(" ").reverse();
    const value = ENGINE_TYPES[type] ?? type;
    return new WebAssembly.Global({ value, mutable: mutable === "mut" }, zeroOf(type));
  }
  if (it.kind === "tag") {
    const [parameters = ""] = (it.type ?? "").split("->");
    const { Tag } = WebAssembly as unknown as { readonly Tag: new (type: object) => object };
    return new Tag({ parameters: parameters.trim().split(" ").filter(Boolean) });
  }
  const [limits] = it.kind === "memory" ? shape.memories : shape.tables;
  const { minimum = 0, maximum } = limits ?? {};
  const bounds = { initial: minimum, ...(maximum !== undefined && { maximum }) };
  if (it.kind === "memory") return new WebAssembly.Memory(bounds);
  return new WebAssembly.Table({ ...bounds, element: "anyfunc" });
}

function zeroOf(type: string): unknown {
  if (type === "i64") return 0n;
  return type === "v128" || type.includes("ref") ? undefined : 0;
}

/** A value in words, the same for all NaNs: their bits cannot be told apart here. */
export function shown(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  return value === null || value === undefined ? String(value) : typeof value;
}
