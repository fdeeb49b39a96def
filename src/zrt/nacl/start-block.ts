import { type ByteString, bytesOf } from "../../base/index.ts";
import type { NaclWorld } from "./nacl-world.ts";

/** Where the stack of a guest ends. */
const STACK_TOP = 2 ** 32;
const WORD_BYTES = 4;
const ALIGN_BYTES = 16;
/** What the block of arguments and environment may take of the stack. */
const BLOCK_BYTES_MAX = 2 ** 20;

/** The registers of a guest at its start that tell of its arguments. */
export interface NaclStart {
  /** `rsp` and `rbp`: 8 bytes below a multiple of 16. */
  readonly stackPointer: number;
  /** `rdi` */
  readonly infoAddress: number;
}

/**
 * Writes arguments and environment to the top of the stack, in the form of either age of Native
 * Client: the programs of 2009 pop the count from the stack, later ones look where `rdi` points.
 *
 *   rsp  argc (8 bytes)  argv…  0  envp…  0  0 0
 *   rdi  0  envc  argc   argv…  0  envp…  0  0 0
 *        the strings, each with a NUL
 *
 * A word has 4 bytes; the two zeros at the end are an auxiliary vector without entries: it names
 * no table of functions of a loader, which a program for one would look for.
 */
export function writeStart({ guest, memory }: NaclWorld): NaclStart {
  const { args } = guest.words;
  const env = guest.words.env.map(([name, value]) => `${name}=${value}`);
  const text = [...args, ...env].map((string) => `${string}\0`).join("");
  const textStart = alignDown(STACK_TOP - text.length);
  const words = pointers(args, env, textStart);
  const infoAddress = alignDown(textStart - WORD_BYTES * (words.length + 3));
  const stackPointer = alignDown(infoAddress - WORD_BYTES * words.length) - 2 * WORD_BYTES;
  const size = STACK_TOP - stackPointer;
  if (size > BLOCK_BYTES_MAX) {
    throw new WebAssembly.LinkError(
      `Arguments and environment take ${size} bytes, and ${BLOCK_BYTES_MAX} are the most`,
    );
  }
  const block = new Uint8Array(size);
  const view = new DataView(block.buffer);
  const put = (address: number, values: readonly number[]): void => {
    values.forEach((value, index) => {
      view.setUint32(address - stackPointer + WORD_BYTES * index, value, true);
    });
  };
  put(stackPointer, [args.length, 0, ...words]);
  put(infoAddress, [0, env.length, args.length, ...words]);
  block.set(bytesOf(text), textStart - stackPointer);
  memory.refresh();
  memory.write(stackPointer, block);
  return { stackPointer, infoAddress };
}

function pointers(
  args: readonly ByteString[],
  env: readonly ByteString[],
  textStart: number,
): number[] {
  let at = textStart;
  const placed = (string: ByteString): number => {
    const start = at;
    at += string.length + 1;
    return start;
  };
  return [...args.map(placed), 0, ...env.map(placed), 0, 0, 0];
}

function alignDown(address: number): number {
  return Math.floor(address / ALIGN_BYTES) * ALIGN_BYTES;
}
