import { closeSync, fstatSync, openSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { loadKoffi } from "./koffi.ts";
import { canPass, receiveDescriptors, sendDescriptors } from "./pass-descriptors.ts";

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

// Elsewhere every cell inherits its descriptors.
describe.runIf(canPass())("descriptors over a socket, while garbage is collected", () => {
  test.each([1, 2, 100])("%d of them arrive as copies, in their order", (count) => {
    const pair = loadKoffi().load(null).func("int socketpair(int, int, int, void *)");
    const ends = new Int32Array(2);
    expect(pair(1, 1, 0, ends)).toBe(0);
    const [near = -1, far = -1] = [...ends].map(keep);
    const paths = ["/dev/null", "/dev/zero", "/dev/full"];
    const sent = Array.from({ length: count }, (_, index) => {
      return keep(openSync(paths[index % paths.length] ?? "", "r"));
    });
    const before = collected.count;
    for (let turn = 0; turn < 3; turn++) {
      expect(sendDescriptors(near, sent)).toBe(true);
      const received = (receiveDescriptors(far) ?? []).map(keep);
      const numbers = (fds: readonly number[]) => fds.map((fd) => fstatSync(fd).rdev);
      expect(numbers(received)).toEqual(numbers(sent));
    }
    expect(collected.count - before).toBeGreaterThanOrEqual(24);
  });
});
