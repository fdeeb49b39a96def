import { BUNDLE_BYTES } from "../index.ts";
import { AssemblyError } from "./assembly-error.ts";
import { Pass, type SectionAddresses } from "./pass.ts";
import { parseStatements, type Statement } from "./statement.ts";

/** Where the text of a Native Client program begins. */
export const TEXT_ADDRESS = 0x20000;

const SEGMENT_BYTES = 65536;
const HALT = 0xf4;
/** Bytes that must be free behind the text for halts. */
const GAP_BYTES = 32;
const BSS_ALIGNMENT = 16;
const PASSES_MAX = 64;

/** An assembled program: its sections with their addresses, ready for an ELF file. */
export interface Assembly {
  /** Padded with halts to a whole number of bundles. */
  readonly text: Uint8Array;
  readonly rodata: Uint8Array;
  /** Padded with zeros, so that bss begins where it ends. */
  readonly data: Uint8Array;
  readonly bssSize: number;
  /** Address of `_start`, else the first of the text. */
  readonly entry: number;
  /** Addresses of labels and values of constants. */
  readonly symbols: ReadonlyMap<string, number>;
  readonly addresses: SectionAddresses;
}

/**
 * Assembles AT&T text for Native Client. Instructions of the text section do not cross the ends of
 * bundles: nops are put before those that would; `.bundle_align_mode 0` ends that. `macros.ts` says
 * which sequences have names. Throws `AssemblyError`, which names the line and its text.
 */
export function assemble(text: string): Assembly {
  const statements = parseStatements(text);
  const far = new Set<Statement>();
  let addresses = addressesAfter(0, 0, 0);
  let symbols: ReadonlyMap<string, bigint> = new Map();
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const farBefore = far.size;
    const done = new Pass({ addresses, symbols, far, final: false });
    done.run(statements);
    const { text: code, rodata, data } = done.bytes;
    const found = addressesAfter(code.length, rodata.length, data.length);
    const stable = far.size === farBefore && sameAddresses(found, addresses);
    if (stable && sameSymbols(symbols, done.symbols)) break;
    addresses = found;
    symbols = done.symbols;
    if (pass === PASSES_MAX - 1) throw new AssemblyError("addresses never settle", 0, "");
  }
  const last = new Pass({ addresses, symbols, far, final: true });
  last.run(statements);
  return assemblyOf(last, addresses);
}

function addressesAfter(text: number, rodata: number, data: number): SectionAddresses {
  const rodataAt = segmentAfter(TEXT_ADDRESS + text + GAP_BYTES);
  const dataAt = segmentAfter(rodataAt + rodata);
  return { text: TEXT_ADDRESS, rodata: rodataAt, data: dataAt, bss: dataAt + aligned(data) };
}

function segmentAfter(address: number): number {
  return Math.ceil(address / SEGMENT_BYTES) * SEGMENT_BYTES;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / BSS_ALIGNMENT) * BSS_ALIGNMENT;
}

function sameAddresses(a: SectionAddresses, b: SectionAddresses): boolean {
  return a.rodata === b.rodata && a.data === b.data && a.bss === b.bss;
}

function sameSymbols(a: ReadonlyMap<string, bigint>, b: ReadonlyMap<string, bigint>): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
}

function assemblyOf(pass: Pass, addresses: SectionAddresses): Assembly {
  const { text, rodata, data } = pass.bytes;
  const code = new Uint8Array(Math.ceil(text.length / BUNDLE_BYTES) * BUNDLE_BYTES).fill(HALT);
  code.set(text);
  const initialised = new Uint8Array(aligned(data.length));
  initialised.set(data);
  const symbols = new Map([...pass.symbols].map(([name, value]) => [name, Number(value)]));
  return {
    text: code,
    rodata: Uint8Array.from(rodata),
    data: initialised,
    bssSize: pass.bssSize,
    entry: symbols.get("_start") ?? TEXT_ADDRESS,
    symbols,
    addresses,
  };
}
