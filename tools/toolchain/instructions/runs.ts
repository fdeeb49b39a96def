import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { readNexe } from "../../../src/nacl/elf/index.ts";
import { translate } from "../../../src/nacl/translator/index.ts";
import { PLACE, RECORD } from "./layout.ts";
import type { SnippetProgram } from "./program.ts";

/** Linear memory begins at this guest address. */
const MEMORY_START = 0x10000;
const OUTPUT_BYTES_MAX = 2 ** 28;
const FAULTED = 1;

/** What the loader is compiled with. */
export const LOADER_DEFINES: readonly string[] = Object.entries({
  POSITION: PLACE.position,
  TOTAL: PLACE.total,
  TABLE: PLACE.table,
  ONE: PLACE.one,
  MXCSR: PLACE.mxcsr,
  BEFORE: PLACE.before,
  AFTER: PLACE.after,
  RECORD_BYTES: RECORD.bytes,
  FAULT: RECORD.fault,
}).map(([name, value]) => `-D${name}=${value}ul`);

/** Runs a program on this processor. @returns the records that it leaves. */
export function runOnProcessor(
  loader: string,
  place: string,
  { file, tableAddress }: SnippetProgram,
  before: Uint8Array,
): Uint8Array {
  writeFileSync(place, file);
  const total = before.length / RECORD.bytes;
  const run = spawnSync(loader, [place, `${total}`, `${tableAddress}`], {
    input: before,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (run.status === 0 && run.stdout.length === before.length) return run.stdout;
  throw new Error(`the loader ended with ${run.status ?? run.signal}: ${run.stderr}`);
}

class Ended extends Error {}

/** Translates a program and runs it here. @returns the records that it leaves. */
export function runTranslated(
  { file, tableAddress }: SnippetProgram,
  before: Uint8Array,
): Uint8Array {
  const { module } = translate(file, readNexe(file, "nacl"), { unsupported: "fault" });
  let kind = 0;
  const end = (): never => {
    throw new Ended();
  };
  const nacl = {
    trap: end,
    syscall: end,
    unknown: end,
    fault: (found: number): never => {
      kind = found;
      throw new Ended();
    },
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { nacl });
  const { memory, _start: start } = exports as unknown as Guest;
  const view = new DataView(memory.buffer);
  const total = before.length / RECORD.bytes;
  const put = (address: number, value: number) =>
    view.setUint32(address - MEMORY_START, value, true);
  new Uint8Array(memory.buffer).set(before, PLACE.before - MEMORY_START);
  put(PLACE.total, total);
  put(PLACE.table, tableAddress);
  put(PLACE.one, 1);
  put(PLACE.mxcsr, 0x1f80);
  for (;;) {
    kind = 0;
    try {
      start();
    } catch (error) {
      if (!(error instanceof Ended)) kind = FAULTED;
    }
    const position = view.getUint32(PLACE.position - MEMORY_START, true);
    if (position >= total) break;
    put(PLACE.after + position * RECORD.bytes + RECORD.fault, kind);
    put(PLACE.position, position + 1);
  }
  return new Uint8Array(memory.buffer, PLACE.after - MEMORY_START, before.length).slice();
}

interface Guest {
  readonly memory: WebAssembly.Memory;
  readonly _start: () => void;
}
