import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { temporaryFolders } from "../../../../test/support/temporary-folder.ts";
import { loadKoffi } from "../../libc/index.ts";
import { hostDescriptors } from "./descriptors.ts";
import { DirectTransfers, NOT_MOVED } from "./direct-transfers.ts";

const newFolder = temporaryFolders();
const open: number[] = [];
afterEach(() => {
  for (const fd of open.splice(0)) closeSync(fd);
});

function opened(path: string, flags: string): number {
  const fd = openSync(path, flags);
  open.push(fd);
  return fd;
}

function fileWith(text: string): string {
  const path = join(newFolder(), "file");
  writeFileSync(path, text);
  return path;
}

/** More than enough for transfers to go to the system directly. */
const MANY = 2000;

/** Descriptors that have made so many transfers that the next ones are direct. */
function practised() {
  loadKoffi();
  const descriptors = hostDescriptors({
    waiting: new Set(),
    loadPoll: () => undefined,
    remainingMs: () => 5000,
  });
  const fd = opened(fileWith("practice"), "r");
  for (let call = 0; call < MANY; call++) descriptors.read(fd, new Uint8Array(8), 0, 8, 0);
  return descriptors;
}

function codeOf(call: () => unknown): string {
  try {
    call();
    return "none";
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

test("transfers begin to be direct after many, where the host can", () => {
  loadKoffi();
  const direct = new DirectTransfers();
  const fd = opened(fileWith("0123"), "r");
  const memory = new Uint8Array(4);
  expect(direct.read(fd, memory, 0, 4, 0)).toBe(NOT_MOVED);
  for (let call = 0; call < MANY; call++) direct.read(fd, memory, 0, 0, 0);
  expect(direct.read(fd, memory, 0, 4, 1)).toBe(process.platform === "win32" ? NOT_MOVED : 3);
});

describe("direct transfers", () => {
  test("read and write by position, up to the end", () => {
    const descriptors = practised();
    const path = fileWith("0123456789");
    const fd = opened(path, "r+");
    const memory = new Uint8Array(8);
    expect(descriptors.read(fd, memory, 2, 4, 3)).toBe(4);
    expect([...memory]).toEqual([0, 0, 51, 52, 53, 54, 0, 0]);
    expect(descriptors.read(fd, memory, 0, 8, 8)).toBe(2);
    expect(descriptors.read(fd, memory, 0, 4, 10)).toBe(0);
    descriptors.write(fd, memory, 2, 4, 12);
    expect(readFileSync(path, "latin1")).toBe("0123456789\0\x003456");
  });

  test("reach positions beyond 32 bits", () => {
    const descriptors = practised();
    const fd = opened(fileWith(""), "r+");
    const far = 2 ** 33 + 5;
    descriptors.write(fd, Uint8Array.of(1, 2, 3), 1, 2, far);
    const memory = new Uint8Array(3);
    expect(descriptors.read(fd, memory, 0, 3, far - 1)).toBe(3);
    expect([...memory]).toEqual([0, 2, 3]);
  });

  test("follow memory that grows, and change between arrays", () => {
    const descriptors = practised();
    const fd = opened(fileWith("abcdef"), "r");
    const guest = new WebAssembly.Memory({ initial: 1 });
    const before = new Uint8Array(guest.buffer);
    const other = new Uint8Array(3);
    descriptors.read(fd, before, 65_533, 3, 0);
    guest.grow(1);
    const after = new Uint8Array(guest.buffer);
    descriptors.read(fd, after, 131_069, 3, 3);
    descriptors.read(fd, other, 0, 3, 1);
    descriptors.read(fd, after, 65_536, 3, 2);
    expect(Buffer.from(after.subarray(65_533, 65_539)).toString()).toBe("abccde");
    expect(Buffer.from(after.subarray(131_069)).toString()).toBe("def");
    expect(Buffer.from(other).toString()).toBe("bcd");
    // The array from before has no bytes any more.
    expect(() => descriptors.read(fd, before, 0, 3, 0)).toThrow("is empty");
  });

  test("never leave the array, and throw the host's error by name", () => {
    const descriptors = practised();
    const folder = newFolder();
    const readOnly = opened(fileWith("abcdef"), "r");
    const bytes = new Uint8Array(4);
    const calls = [
      () => descriptors.read(readOnly, bytes, 2, 3, 0),
      () => descriptors.write(readOnly, bytes, 2, 3, 0),
      () => descriptors.write(readOnly, bytes, 0, 4, 0),
      () => descriptors.read(opened(folder, "r"), bytes, 0, 4, 0),
    ];
    const outside = "ERR_OUT_OF_RANGE";
    expect(calls.map(codeOf)).toEqual([outside, outside, "EBADF", "EISDIR"]);
  });
});
