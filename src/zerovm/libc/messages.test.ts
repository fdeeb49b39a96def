import { closeSync, fstatSync, openSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { receiveMessage, sendMessage } from "./messages.ts";
import { socketPair } from "./spawn.ts";

const opened: number[] = [];
afterEach(() => {
  for (const fd of opened.splice(0)) closeSync(fd);
});

function keep(fd: number): number {
  opened.push(fd);
  return fd;
}

function identity(fd: number): string {
  const { dev, ino } = fstatSync(fd);
  return `${dev}:${ino}`;
}

/** Receives until as many bytes and descriptors have come. */
function receiveAll(socket: number, sizeBytes: number, count: number): [Uint8Array, number[]] {
  const bytes = new Uint8Array(sizeBytes);
  const fds: number[] = [];
  let filled = 0;
  while (filled < sizeBytes || fds.length < count) {
    const received = receiveMessage(socket, bytes.subarray(filled));
    if (received.sizeBytes === 0) break;
    filled += received.sizeBytes;
    fds.push(...received.fds.map(keep));
  }
  return [bytes.subarray(0, filled), fds];
}

// Cells need Linux: nothing else has these messages.
describe.runIf(process.platform === "linux")("bytes and descriptors over a socket", () => {
  test.each([0, 1, 2, 7, 253, 254, 600])("%d of them arrive as copies, in order", (count) => {
    const [near, far] = socketPair().map(keep);
    const paths = ["/dev/null", "/dev/zero", "/dev/full"];
    const sent = Array.from({ length: count }, (_, index) => {
      return keep(openSync(paths[index % paths.length] ?? "", "r"));
    });
    const text = Buffer.from("an order of some bytes");
    sendMessage(near ?? -1, text, sent, 1000);
    const [bytes, received] = receiveAll(far ?? -1, text.length, count);
    expect(Buffer.from(bytes).toString()).toBe("an order of some bytes");
    expect(received.map(identity)).toEqual(sent.map(identity));
    expect(new Set([...received, ...sent]).size).toBe(2 * count);
  });

  test("a sender that is gone sends nothing", () => {
    const [near, far] = socketPair();
    keep(far);
    closeSync(near);
    expect(receiveMessage(far, new Uint8Array(8))).toEqual({ sizeBytes: 0, fds: [] });
  });

  test("a receiver that is gone is told, and no signal comes", () => {
    const [near, far] = socketPair();
    keep(near);
    closeSync(far);
    expect(() => sendMessage(near, new Uint8Array(8), [], 1000)).toThrow(/EPIPE/);
  });

  test("what cannot be sent is told", () => {
    const [near] = socketPair().map(keep);
    expect(() => sendMessage(near ?? -1, new Uint8Array(1), [1_000_000], 1000)).toThrow(/EBADF/);
  });

  test("what cannot be received is an error", () => {
    const file = keep(openSync("/dev/null", "r"));
    expect(() => receiveMessage(file, new Uint8Array(1))).toThrow(/ENOTSOCK/);
  });
});
