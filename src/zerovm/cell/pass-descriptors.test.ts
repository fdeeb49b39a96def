import { closeSync, fstatSync, openSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { withDescriptors } from "./arrived.ts";
import { loadKoffi } from "./koffi.ts";
import type { Order } from "./order.ts";
import { canPass, receiveDescriptors, sendDescriptors } from "./pass-descriptors.ts";

const UNIX = 1;
const STREAM = 1;

const opened: number[] = [];
afterEach(() => {
  for (const fd of opened.splice(0)) closeSync(fd);
});

function keep(fd: number): number {
  opened.push(fd);
  return fd;
}

function socketPair(): readonly [number, number] {
  const pair = loadKoffi().load(null).func("int socketpair(int, int, int, void *)");
  const fds = new Int32Array(2);
  expect(pair(UNIX, STREAM, 0, fds)).toBe(0);
  return [fds[0] ?? -1, fds[1] ?? -1];
}

function identity(fd: number): string {
  const { dev, ino } = fstatSync(fd);
  return `${dev}:${ino}`;
}

// Elsewhere every cell inherits its descriptors.
describe.runIf(canPass())("descriptors over a socket", () => {
  test.each([1, 2, 7, 250])("%d of them arrive as copies, in their order", (count) => {
    const [near, far] = socketPair().map(keep);
    const paths = ["/dev/null", "/dev/zero", "/dev/full"];
    const sent = Array.from({ length: count }, (_, index) => {
      return keep(openSync(paths[index % paths.length] ?? "", "r"));
    });
    expect(sendDescriptors(near ?? -1, sent)).toBe(true);
    const received = (receiveDescriptors(far ?? -1) ?? []).map(keep);
    expect(received.map(identity)).toEqual(sent.map(identity));
    expect(new Set([...received, ...sent]).size).toBe(2 * count);
  });

  test("a sender that is gone sends nothing", () => {
    const [near, far] = socketPair();
    keep(far);
    closeSync(near);
    expect(receiveDescriptors(far)).toBeUndefined();
  });

  test("what cannot be sent is told", () => {
    const [near, far] = socketPair().map(keep);
    expect(sendDescriptors(near ?? -1, [1_000_000])).toBe(false);
    closeSync(opened.pop() ?? far ?? -1);
  });

  test("what cannot be received is an error", () => {
    expect(() => receiveDescriptors(keep(openSync("/dev/null", "r")))).toThrow("ENOTSOCK");
  });
});

describe("withDescriptors", () => {
  const order = {
    program: { fd: 4, sizeBytes: 8 },
    channels: [{ sources: [{ kind: "stream", fd: 6 }] }, { sources: [{ kind: "file", fd: 5 }] }],
    images: [{ fd: 5 }],
  } as unknown as Order;

  test("gives every place the number that its descriptor has here", () => {
    expect(withDescriptors(order, [20, 31, 22])).toEqual({
      program: { fd: 20, sizeBytes: 8 },
      channels: [
        { sources: [{ kind: "stream", fd: 22 }] },
        { sources: [{ kind: "file", fd: 31 }] },
      ],
      images: [{ fd: 31 }],
    });
  });

  test("refuses an order that names more than came", () => {
    expect(() => withDescriptors(order, [20, 31])).toThrow("Descriptor 6 did not come");
  });
});
