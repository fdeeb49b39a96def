/**
 * Machine code of x86-64 in memory that was made executable: what an attacker runs who has got
 * past V8. It takes a block of words: number, six arguments, and a place for the result.
 */
import { checked, errorName, libraryCall, loadKoffi } from "../../src/zerovm/libc/index.ts";
import { callByLibrary, type RawCall, type RawResult, words64 } from "./raw-call.ts";

const MMAP = 9;
const MPROTECT = 10;
const READ_WRITE = 3;
const READ_EXECUTE = 5;
const READ_WRITE_EXECUTE = 7;
const PRIVATE_ANONYMOUS = 0x22;
const PAGE_BYTES = 4096;
const RESULT_INDEX = 7;

/** Loads the words into the registers of a call of 64-bit code, makes it, keeps its result. */
const SYSCALL = bytesOf(`
  53 48 89 d3 48 8b 03 48 8b 7b 08 48 8b 73 10 48 8b 53 18 4c 8b 53 20 4c 8b 43 28 4c 8b 4b 30
  0f 05 48 89 43 38 b8 01 00 00 00 5b c3`);

/** The same through the entry of 32-bit programs, with three arguments. */
const INT_80 = bytesOf(`
  53 52 8b 02 8b 5a 08 8b 4a 10 8b 52 18 cd 80 5a 48 98 48 89 42 38 b8 01 00 00 00 5b c3`);

/** Calls the function at the address in the first word, with the second as its argument. */
const CALL_ADDRESS = bytesOf(`
  53 48 89 d3 48 8b 7b 08 ff 13 48 89 43 38 b8 01 00 00 00 5b c3`);

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
}

/** In memory that is writable and executable at once. */
export const callByCode: RawCall = (number, ...args) => {
  return run(place(SYSCALL, READ_WRITE_EXECUTE), [BigInt(number), ...words64(args)]);
};

/** In memory that was written first and made executable then. */
export const callByProtectedCode: RawCall = (number, ...args) => {
  const address = place(SYSCALL, READ_WRITE);
  callByLibrary(MPROTECT, address, PAGE_BYTES, READ_EXECUTE);
  return run(address, [BigInt(number), ...words64(args)]);
};

/** Numbers are those of 32-bit programs. */
export const callByInt80: RawCall = (number, ...args) => {
  return run(place(INT_80, READ_WRITE_EXECUTE), [BigInt(number), ...words64(args)]);
};

/** Calls a function of the kernel's page for programs of old. */
export function callAddress(address: bigint): RawResult {
  return run(place(CALL_ADDRESS, READ_WRITE_EXECUTE), [address, ...words64([])]);
}

function place(code: Uint8Array, protection: number): bigint {
  const address = callByLibrary(MMAP, 0, PAGE_BYTES, protection, PRIVATE_ANONYMOUS, -1, 0);
  const copy = libraryCall("long memcpy(long to, void *from, long size)");
  checked("memcpy", copy(BigInt(address), code, code.length));
  return BigInt(address);
}

function run(address: bigint, words: readonly bigint[]): RawResult {
  const block = new BigInt64Array([...words, 0n]);
  // A function of the C library that calls back, with a word of ours as the last argument.
  const visit = libraryCall("int dl_iterate_phdr(long visitor, long data)");
  visit(address, loadKoffi().address(block));
  const result = Number(block[RESULT_INDEX]);
  return result >= 0 ? result : errorName(-result);
}
