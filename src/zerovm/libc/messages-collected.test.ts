import { closeSync, fstatSync, openSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { receiveMessage, sendMessage } from "./messages.ts";
import { socketPair } from "./spawn.ts";

const collected = vi.hoisted(() => ({ count: 0, collect: (): void => undefined }));

/** The real library, with a garbage collection after each address and before each call. */
vi.mock("./koffi.ts", async (original) => {
  const real = await original<typeof import("./koffi.ts")>();
  const disturbed = () => {
    const koffi = real.loadKoffi();
    return {
      ...koffi,
      errno: koffi.errno,
      os: koffi.os,
      address: (value: ArrayBufferView) => {
        const address = koffi.address(value);
        collected.collect();
        return address;
      },
      load: (library: null) => {
        const opened = koffi.load(library);
        return {
          func: (signature: string) => {
            const call = opened.func(signature);
            return (...args: unknown[]) => {
              collected.collect();
              return call(...args);
            };
          },
        };
      },
    };
  };
  return { ...real, loadKoffi: disturbed };
});

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
collected.collect = () => {
  collected.count += 1;
  gc();
  // What was freed is used again, so that a stale address shows.
  for (let size = 8; size <= 2048; size *= 2) {
    for (let at = 0; at < 50; at++) new Uint8Array(size).fill(0xff);
  }
};

const opened: number[] = [];
afterEach(() => {
  for (const fd of opened.splice(0)) closeSync(fd);
});

function keep(fd: number): number {
  opened.push(fd);
  return fd;
}

// Cells need Linux: nothing else has these messages.
describe.runIf(process.platform === "linux")("messages while garbage is collected", () => {
  test.each([1, 2, 100])("%d descriptors arrive as copies, in their order", (count) => {
    const [near, far] = socketPair();
    keep(near);
    keep(far);
    const paths = ["/dev/null", "/dev/zero", "/dev/full"];
    const sent = Array.from({ length: count }, (_, index) => {
      return keep(openSync(paths[index % paths.length] ?? "", "r"));
    });
    const before = collected.count;
    for (let turn = 0; turn < 3; turn++) {
      sendMessage(near, Buffer.from("order"), sent, 1000);
      const into = new Uint8Array(5);
      const received = receiveMessage(far, into);
      received.fds.map(keep);
      const numbers = (fds: readonly number[]) => fds.map((fd) => fstatSync(fd).rdev);
      expect(Buffer.from(into).toString()).toBe("order");
      expect(numbers(received.fds)).toEqual(numbers(sent));
    }
    expect(collected.count - before).toBeGreaterThanOrEqual(24);
  });
});
