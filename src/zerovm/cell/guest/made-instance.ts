import { ByteReader } from "../../../wasm/index.ts";
import { type TrapCalls, trapCalls, type WasiCalls, wasiCalls } from "../../../zrt/index.ts";

/** An instance that was made before its world, of which nothing has run. */
export interface MadeInstance {
  readonly instance: Pick<WebAssembly.Instance, "exports">;
  /** What it was made with: those of a WebAssembly program, or of a Native Client program. */
  readonly wasi?: WasiCalls;
  readonly trap?: TrapCalls;
}

/**
 * Brings a module to life before its session: memory, tables and data are those that it would
 * have then, because an instance without a start function looks at nothing and calls nobody.
 * @param bytes of the module
 * @param isNexe whether it was translated from a Native Client program
 * @returns undefined where it has a start function, or no instance can be made: the session makes
 *   its own, and says what went wrong
 */
export function makeInstance(
  module: WebAssembly.Module,
  bytes: Uint8Array,
  isNexe: boolean,
): MadeInstance | undefined {
  if (hasStart(bytes)) return undefined;
  const calls = isNexe ? { trap: trapCalls() } : { wasi: wasiCalls() };
  const { imports } = calls.trap ?? calls.wasi;
  try {
    return { instance: new WebAssembly.Instance(module, imports), ...calls };
  } catch {
    return undefined;
  }
}

/** What the memories that an instance shows take up. */
export function memoryBytes(made: MadeInstance | undefined): number {
  const shown = Object.values(made?.instance.exports ?? {});
  const memories = shown.filter((it) => it instanceof WebAssembly.Memory);
  return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

const PREAMBLE_BYTES = 8;
const START_SECTION = 8;

/** Whether code of the guest would run while its instance is made; the module is a valid one. */
function hasStart(bytes: Uint8Array): boolean {
  const reader = new ByteReader(bytes, 0);
  reader.skip(PREAMBLE_BYTES, "the preamble");
  while (reader.remaining > 0) {
    if (reader.byte("a section") === START_SECTION) return true;
    reader.skip(reader.u32("the size of a section"), "a section");
  }
  return false;
}
