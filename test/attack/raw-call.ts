import { lastErrorName, libraryCall, loadKoffi } from "../../src/zerovm/libc/index.ts";

/** What a system call is given: a number, a text of C, or a block of memory. */
export type RawArgument = number | bigint | string | ArrayBufferView;

/** What became of it: its result, or the name of its error. */
export type RawResult = number | string;

/** Makes a system call by its number. */
export type RawCall = (number: number, ...args: readonly RawArgument[]) => RawResult;

const ARGUMENTS = 6;
/** Memory that was ever handed to the kernel: an address keeps nothing alive. */
const kept: unknown[] = [];

/** Through the C library, which adds nothing of its own. */
export const callByLibrary: RawCall = (number, ...args) => {
  const words = "long n, long a, long b, long c, long d, long e, long f";
  const call = libraryCall(`long syscall(${words})`);
  const result = Number(call(number, ...words64(args)));
  return result >= 0 ? result : lastErrorName();
};

/** All six arguments as 64-bit words. */
export function words64(args: readonly RawArgument[]): bigint[] {
  const words = args.map(word64);
  return [...words, ...Array<bigint>(ARGUMENTS - words.length).fill(0n)];
}

function word64(value: RawArgument): bigint {
  if (typeof value === "number" || typeof value === "bigint") return BigInt(value);
  const bytes = typeof value === "string" ? Buffer.from(`${value}\0`, "utf8") : value;
  kept.push(bytes);
  return loadKoffi().address(bytes);
}

/** The address of a socket that has a name but no file. */
export function abstractAddress(name: string): Uint8Array {
  return Uint8Array.from([1, 0, 0, ...Buffer.from(name, "latin1")]);
}
