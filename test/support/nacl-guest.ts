/**
 * A guest of Native Client without a program: four GiB of addresses, and its system calls by name.
 * What a call is not said to write must stay as it was, near the places that tests use.
 */
import { type ByteString, bytesOf } from "../../src/base/index.ts";
import { Regions } from "../../src/zrt/index.ts";
import { NACL_CALLS, type NaclCallName } from "../../src/zrt/trace/index.ts";
import { type GuestOptions, TestGuest } from "./guest-harness.ts";

const BASE = 0x1_0000;
export const TEXT = 0x2_0000;
export const RODATA = 0x3_0000;
export const DATA = 0x4_0000;
/** The data ends within a page, and the heap begins there. */
export const HEAP = { start: 0x5_0123, end: 0x100_0000 };
export const STACK = 0xff00_0000;
/** Where helpers put strings. */
const STRINGS = 0xff10_0000;
/** Where tests have results written; bytes around are `FILL`. */
export const RESULT = DATA + 0x100;
export const BUFFER = DATA + 0x1000;
export const FILL = 0x3f;

const REGIONS = [
  { end: BASE, access: "none" },
  { end: RODATA, access: "rx" },
  { end: DATA, access: "r" },
  { end: HEAP.end, access: "rw" },
  { end: STACK, access: "none" },
  { end: 2 ** 32, access: "rw" },
] as const;

// One for all guests: without a byte in use it costs nothing, and making it costs time.
const memory = new WebAssembly.Memory({ initial: 65_535 });

type Syscall = (number: number, ...words: readonly number[]) => number;

export class NaclTestGuest {
  readonly guest: TestGuest;
  readonly #syscall: Syscall;
  #stringsEnd = STRINGS;

  constructor(options: GuestOptions = {}) {
    this.guest = new TestGuest(options);
    new Uint8Array(memory.buffer, DATA - BASE, 0x1_0000).fill(FILL);
    new Uint8Array(memory.buffer, HEAP.start + 0xffff - BASE, 0x20_0000).fill(0);
    const imports = this.guest.zrt.trapImports(() => memory, {
      base: BASE,
      regions: new Regions(REGIONS),
      codeStart: DATA,
      codeEnd: HEAP.end,
      naclHeap: HEAP,
    });
    this.#syscall = imports["nacl"]?.["syscall"] as Syscall;
  }

  /** @returns a word as a signed number: negative errnos are negative. */
  call(name: NaclCallName, ...words: readonly number[]): number {
    return this.number(NACL_CALLS[name].number, ...words);
  }

  number(number: number, ...words: readonly number[]): number {
    const six = [...words, 0, 0, 0, 0, 0, 0].slice(0, 6);
    return this.#syscall(number, ...six);
  }

  /** Puts bytes and a NUL somewhere. @returns their address. */
  text(bytes: ByteString): number {
    const address = this.#stringsEnd;
    this.put(address, [...bytesOf(bytes), 0]);
    this.#stringsEnd += bytes.length + 1;
    return address;
  }

  put(address: number, bytes: readonly number[] | Uint8Array): void {
    new Uint8Array(memory.buffer).set(bytes, address - BASE);
  }

  putI64(address: number, value: bigint): void {
    new DataView(memory.buffer).setBigInt64(address - BASE, value, true);
  }

  bytes(address: number, size: number): Uint8Array {
    return new Uint8Array(memory.buffer, address - BASE, size);
  }

  string(address: number, size: number): ByteString {
    return String.fromCharCode(...this.bytes(address, size));
  }

  view(address: number): DataView {
    return new DataView(memory.buffer, address - BASE);
  }

  /** Opens a path. @returns the descriptor or a negative errno. */
  open(path: ByteString, flags = 0, mode = 0o644): number {
    return this.call("open", this.text(path), flags, mode);
  }
}
