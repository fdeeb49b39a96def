import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Descriptors, memorySource } from "../../../base/index.ts";
import { ChannelFailure } from "../../../channels/index.ts";
import { INTAKE_HEADER } from "./intake.ts";
import { realClock, realEntropy } from "./real-world.ts";
import { Recorder } from "./recorder.ts";
import { Replay } from "./replay.ts";

/** A file that grows. */
function memoryFile(): { readonly descriptors: Descriptors; bytes(): Uint8Array } {
  let kept = Buffer.alloc(0);
  const never = (): never => {
    throw new Error("The recorder only writes");
  };
  return {
    bytes: () => kept,
    descriptors: {
      read: never,
      sizeBytes: never,
      truncate: never,
      write: (_fd, memory, start, size, position) => {
        expect(position).toBe(kept.length);
        kept = Buffer.concat([kept, memory.subarray(start, start + size)]);
      },
    },
  };
}

const PLACE = { channel: 1, source: 0, alias: "/dev/in" };
const STREAM = { kind: "replayed", of: "stream", interactive: false } as const;

/** Records reads of these sizes, with other things between them. */
function recorded(sizes: readonly number[]): Uint8Array {
  const file = memoryFile();
  const recorder = new Recorder(file.descriptors, { fd: 1, bytesMax: 2 ** 30, files: true });
  let next = 0;
  const source = recorder.source(
    {
      kind: "stream",
      interactive: false,
      read: (memory, start, size) => {
        memory.fill(next++, start, start + size);
        return size;
      },
      write: () => undefined,
      close: () => undefined,
    },
    PLACE,
  );
  const clock = recorder.clock({
    resolutionNs: 1n,
    isReal: true,
    look: () => 2n ** 63n,
    peek: () => 7n,
    sleep: () => undefined,
  });
  const fill = (memory: Uint8Array, start: number, size: number): void => {
    memory.fill(0xee, start, start + size);
  };
  const entropy = recorder.entropy({ isReal: true, fill });
  const memory = new Uint8Array(300_000);
  for (const size of sizes) {
    source.read(memory, 3, size, 0);
    clock.look();
    clock.peek();
    entropy.fill(memory, 5, size);
  }
  recorder.flush();
  return file.bytes();
}

describe("what was recorded", () => {
  test.each([[[0, 1, 5]], [[65_536, 65_535, 70_000]], [[200_000, 3, 65_527]]])(
    "comes back: reads of %j bytes, the clock, and entropy",
    (sizes) => {
      const replay = new Replay(memorySource(recorded(sizes)));
      const source = replay.source(STREAM, PLACE);
      const [clock, entropy] = [replay.clock(realClock()), replay.entropy(realEntropy())];
      sizes.forEach((size, index) => {
        const memory = new Uint8Array(size + 10);
        expect(source.read(memory, 3, size + 1, 0)).toBe(size);
        expect(memory.subarray(3, 3 + size).every((byte) => byte === index)).toBe(true);
        expect([clock.look(), clock.peek()]).toEqual([2n ** 63n, 7n]);
        entropy.fill(memory, 1, size);
        expect(memory.subarray(1, 1 + size).every((byte) => byte === 0xee)).toBe(true);
      });
      expect(() => clock.look()).toThrow("asks for the clock, which does not come next");
    },
  );

  test("is given to nobody who asks for something else", () => {
    const memory = new Uint8Array(100);
    const replay = () => new Replay(memorySource(recorded([5])));
    expect(() => replay().entropy(realEntropy()).fill(memory, 0, 5)).toThrow("asks for entropy");
    const other = replay().source(STREAM, { ...PLACE, channel: 2 });
    expect(() => other.read(memory, 0, 5, 0)).toThrow("asks for /dev/in");
    const short = replay().source(STREAM, PLACE);
    expect(() => short.read(memory, 0, 4, 0)).toThrow("asks for 4 bytes of /dev/in, not 5");
  });

  test("is limited, the last byte included", () => {
    const limited = (bytesMax: number) => () => {
      const file = memoryFile();
      const recorder = new Recorder(file.descriptors, { fd: 1, bytesMax, files: true });
      const clock = { resolutionNs: 1n, isReal: true, look: () => 0n, peek: () => 0n };
      recorder.clock({ ...clock, sleep: () => undefined }).look();
    };
    expect(limited(INTAKE_HEADER.length + 9)).not.toThrow();
    expect(limited(INTAKE_HEADER.length + 8)).toThrow("takes in more than 24 bytes");
  });
});

test("what is taken in behind the end of both is another session's", () => {
  const file = memoryFile();
  const recorder = new Recorder(file.descriptors, { fd: 1, bytesMax: 1000, files: true });
  const times = { look: () => 1n, peek: () => 2n, sleep: () => undefined };
  const clock = recorder.clock({ resolutionNs: 1n, isReal: true, ...times });
  const entropy = recorder.entropy({ isReal: true, fill: (memory) => void memory.fill(7) });
  clock.look();
  recorder.end();
  const kept = file.bytes();
  clock.look();
  entropy.fill(new Uint8Array(5), 0, 5);
  recorder.flush();
  expect(file.bytes()).toEqual(kept);

  const replay = new Replay(memorySource(kept));
  const later = { resolutionNs: 1n, isReal: true, look: () => 8n, peek: () => 9n };
  const again = replay.clock({ ...later, sleep: () => undefined });
  const random = replay.entropy({ isReal: true, fill: (memory) => void memory.fill(6) });
  const memory = new Uint8Array(3);
  expect(again.look()).toBe(1n);
  replay.end();
  random.fill(memory, 0, 3);
  expect([again.look(), again.peek(), ...memory]).toEqual([8n, 9n, 6, 6, 6]);
});

test("an intake that nobody recorded ends the session, whatever is in it", () => {
  const header = Buffer.from(INTAKE_HEADER);
  const kinds = fc.constantFrom("read", "clock", "entropy");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(kinds), (bytes, asked) => {
      const replay = new Replay(memorySource(Buffer.concat([header, bytes])));
      const memory = new Uint8Array(64);
      try {
        for (const kind of [...asked, "read", "clock", "entropy"]) {
          if (kind === "clock") replay.clock(realClock()).look();
          else if (kind === "entropy") replay.entropy(realEntropy()).fill(memory, 8, 8);
          else expect(replay.source(STREAM, PLACE).read(memory, 8, 8, 0)).toBeLessThanOrEqual(8);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ChannelFailure);
      }
      expect(memory.subarray(0, 8).every((byte) => byte === 0)).toBe(true);
      expect(memory.subarray(16).every((byte) => byte === 0)).toBe(true);
    }),
  );
  expect(() => new Replay(memorySource(Buffer.from("x"))).clock(realClock()).look()).toThrow(
    "malformed",
  );
});
