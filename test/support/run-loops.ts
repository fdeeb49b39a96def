/** What is left of a run of `run` from `random-loops.ts`, and how it ended. */
export interface ProgramEnd {
  readonly results?: unknown;
  /** Message of the trap. */
  readonly trap?: string;
  /** Numbers that were given to the host, in their order. */
  readonly notes: readonly number[];
  readonly fuel: unknown;
  readonly sum: unknown;
  /** What the passes count: units of fuel and bytes of stack, where they do. */
  readonly guards: readonly unknown[];
  readonly memory: string;
}

interface Engine {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: Exports };
}

interface Exports {
  readonly run: (first: number, second: bigint) => unknown;
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly fuel: { readonly value: unknown };
  readonly sum: { readonly value: unknown };
  readonly "zvm.fuel"?: { readonly value: unknown };
  readonly "zvm.stack"?: { readonly value: unknown };
}

/** Runs a program whose host notes what it is given. */
export function runLoops(bytes: Uint8Array, first: number, second: bigint): ProgramEnd {
  const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;
  const notes: number[] = [];
  const note = (value: number): number => {
    notes.push(value);
    return value ^ notes.length;
  };
  const { exports } = new engine.Instance(new engine.Module(bytes), { host: { note } });
  const ending = endOf(() => exports.run(first, second));
  const memory = writtenBytes(new Uint8Array(exports.memory.buffer));
  const guards = [exports["zvm.fuel"]?.value, exports["zvm.stack"]?.value];
  const { fuel, sum } = exports;
  return { ...ending, notes, fuel: fuel.value, sum: sum.value, guards, memory };
}

/** Offsets and values of the bytes that are not zero. */
function writtenBytes(bytes: Uint8Array): string {
  const written: string[] = [];
  for (const [offset, value] of bytes.entries()) {
    if (value !== 0) written.push(`${offset}=${value}`);
  }
  return written.join(" ");
}

function endOf(run: () => unknown): Pick<ProgramEnd, "results" | "trap"> {
  try {
    return { results: run() };
  } catch (error) {
    return { trap: String(error) };
  }
}
