/**
 * What the two nodes say to each other. A request has 8 bytes and a reply 32: a name or a text, and
 * zeros behind it. Who reads asks for just so many bytes, and gets them all, or the end.
 */
import { read, write } from "../../assembly/connections";

export const REQUEST_BYTES: usize = 8;
export const REPLY_BYTES: usize = 32;

const message = heap.alloc(REPLY_BYTES);

export function send(descriptor: u32, text: string, size: usize): void {
  const bytes = String.UTF8.encode(text);
  memory.fill(message, 0, size);
  memory.copy(message, changetype<usize>(bytes), min(<usize>bytes.byteLength, size));
  write(descriptor, message, size);
}

/** @returns the text of the next message, empty at the end */
export function receive(descriptor: u32, size: usize): string {
  const length = read(descriptor, message, size);
  let end: usize = 0;
  while (end < length && load<u8>(message + end) !== 0) end += 1;
  return String.UTF8.decodeUnsafe(message, end);
}

/** All lines of standard input. */
export function inputLines(): string[] {
  const block = new ArrayBuffer(65_536);
  let text = "";
  let size = process.stdin.read(block);
  while (size > 0) {
    text += String.UTF8.decode(block.slice(0, size));
    size = process.stdin.read(block);
  }
  return text.trimEnd().split("\n");
}
