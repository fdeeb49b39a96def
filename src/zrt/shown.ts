import { type ByteString, ERRNO, printable, textOf } from "../base/index.ts";

/** The name of an error, as people know it. */
export function errnoName(errno: number): string {
  const found = Object.entries(ERRNO).find(([, number]) => number === errno);
  return found === undefined ? `errno ${errno}` : found[0];
}

/** A path of the guest for a message. */
export function shown(path: ByteString): string {
  return printable(textOf(path));
}
