import { describe, expect, it } from "vitest";
import type { Backend } from "./backend.ts";
import { expectBytes, shapeOf } from "./channel.contract.ts";
import { Channel } from "./channel.ts";
import { ChannelFailure } from "./channel-failure.ts";
import { FakeHost } from "./fake-host.ts";
import { fileBackend } from "./file-backend.ts";
import { memoryBackend } from "./memory-backend.ts";
import { PendingWrites } from "./pending-writes.ts";
import type { ChannelType } from "./shape.ts";
import { streamBackend } from "./stream-backend.ts";

const BLOCK = 65_536;
const ALIAS = "/dev/votes";

/** Three blocks and a bit, none like the other. */
const TRUTH = Uint8Array.from(
  { length: 3 * BLOCK + 100 },
  (_, index) => (index ^ (index >> 8)) & 255,
);

function truthWith(changes: Readonly<Record<number, number>>): Uint8Array {
  const bytes = TRUTH.slice();
  for (const [at, value] of Object.entries(changes)) bytes[Number(at)] = value;
  return bytes;
}

interface Setting {
  readonly host: FakeHost;
  readonly channel: Channel;
}

function openChannel(
  kind: "file" | "stream",
  held: readonly Uint8Array[],
  type: ChannelType = 0,
): Setting {
  const host = new FakeHost();
  const pending = new PendingWrites(host);
  const backends: Backend[] = held.map((bytes, index) => {
    const source = { alias: ALIAS, index };
    const fd = host.open(bytes);
    return kind === "stream"
      ? streamBackend(host, fd, { source, pending })
      : fileBackend(host, fd, { source, pending, readAhead: false, cut: false });
  });
  const shape = shapeOf(type, [999, 9_999_999, 0, 0], ALIAS);
  const sizeBytes = TRUTH.length;
  return { host, channel: new Channel(shape, { backends, sizeBytes, hashName: "sha1" }) };
}

function readAll(channel: Channel, size: number): Uint8Array {
  const memory = new Uint8Array(TRUTH.length + size);
  let at = 0;
  for (;;) {
    const got = channel.read(memory, at, size, 0);
    expect(got).toBeGreaterThanOrEqual(0);
    if (got === 0) return memory.subarray(0, at);
    at += got;
  }
}

function failureOf(act: () => unknown): { code: number; state: string; alias: string } {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ChannelFailure)) throw error;
    return { code: error.code, state: error.state, alias: error.alias };
  }
  throw new Error("nothing failed");
}

describe.each(["file", "stream"] as const)("several sources that are %ss", (kind) => {
  it("two that agree are read", () => {
    const { channel } = openChannel(kind, [TRUTH, TRUTH]);
    expectBytes(readAll(channel, 100_000), TRUTH);
    // Each read of 100 000 bytes is two blocks of both sources; the end is asked of one.
    expect(channel.close()).toMatchObject({ hostReads: 9, hostReadBytes: 2 * TRUTH.length });
  });

  it("two that differ end the session", () => {
    const { channel } = openChannel(kind, [TRUTH, truthWith({ 5: 1 })]);
    expect(failureOf(() => readAll(channel, 1000))).toEqual({
      code: 5,
      state: "/dev/votes failed to read",
      alias: ALIAS,
    });
  });

  it.each([0, 3, 4, 7, 8, 9, 10])("two that differ in byte %i of eleven end it, too", (at) => {
    const { channel } = openChannel(kind, [TRUTH, truthWith({ [at]: 0xee })]);
    expect(failureOf(() => channel.read(new Uint8Array(11), 0, 11, 0)).code).toBe(5);
  });

  it("two that differ late are read until there", () => {
    const { channel } = openChannel(kind, [TRUTH, truthWith({ [BLOCK + 1]: 99 })]);
    const memory = new Uint8Array(BLOCK);
    expect(channel.read(memory, 0, BLOCK, 0)).toBe(BLOCK);
    expectBytes(memory, TRUTH.subarray(0, BLOCK));
    expect(failureOf(() => channel.read(memory, 0, 10, 0)).state).toBe("/dev/votes failed to read");
  });

  it.each([0, 1, 2])("of three, number %i may be bad", (bad) => {
    const held: Uint8Array[] = [TRUTH, TRUTH, TRUTH];
    held[bad] = truthWith({ [BLOCK + 7]: 1, [3 * BLOCK + 1]: 1 });
    const { channel } = openChannel(kind, held);
    expectBytes(readAll(channel, 90_000), TRUTH);
  });

  it("of three, two bad ones are too many", () => {
    const held = [truthWith({ [BLOCK + 7]: 1 }), TRUTH, truthWith({ [2 * BLOCK + 7]: 1 })];
    const { channel } = openChannel(kind, held);
    expect(failureOf(() => readAll(channel, BLOCK)).code).toBe(5);
  });

  it("a source that was contradicted is never asked again", () => {
    const { channel, host } = openChannel(kind, [TRUTH, truthWith({ 3: 0 }), TRUTH]);
    const memory = new Uint8Array(10);
    channel.read(memory, 0, 10, 0);
    const before = host.calls.length;
    channel.read(memory, 0, 10, 0);
    expect(host.calls.slice(before).map((call) => call.fd)).toEqual([0, 2]);
  });

  it("a third source is not read while two agree", () => {
    const { channel, host } = openChannel(kind, [TRUTH, TRUTH, TRUTH]);
    readAll(channel, BLOCK);
    expect(host.calls.some((call) => call.fd === 2)).toBe(false);
  });

  it("one that the host cannot read is left out", () => {
    const { channel, host } = openChannel(kind, [TRUTH, TRUTH, TRUTH]);
    host.fail("read", 0, "EIO");
    expectBytes(readAll(channel, BLOCK), TRUTH);
    expect(host.calls.filter((call) => call.fd === 0).length).toBe(1);
  });

  it("of two, one that the host cannot read is too many", () => {
    const { channel, host } = openChannel(kind, [TRUTH, TRUTH]);
    host.fail("read", 1, "EIO");
    expect(failureOf(() => readAll(channel, 10)).state).toBe("/dev/votes failed to read");
  });

  it("none that the host can read", () => {
    const { channel, host } = openChannel(kind, [TRUTH, TRUTH]);
    host.fail("read", 0, "EIO");
    host.fail("read", 1, "EIO");
    expect(failureOf(() => readAll(channel, 10))).toEqual({
      code: 5,
      state: "all /dev/votes sources failed",
      alias: ALIAS,
    });
  });

  it("the end of the first source is the end of the channel", () => {
    const { channel } = openChannel(kind, [TRUTH.subarray(0, BLOCK), TRUTH]);
    expect(readAll(channel, BLOCK).length).toBe(BLOCK);
    expect(channel.endSeen).toBe(true);
  });

  it("one that ends before the others is outvoted", () => {
    const { channel } = openChannel(kind, [TRUTH, TRUTH.subarray(0, BLOCK + 5), TRUTH]);
    expectBytes(readAll(channel, BLOCK), TRUTH);
  });

  it("blocks are scattered over spans", () => {
    const { channel } = openChannel(kind, [TRUTH, TRUTH]);
    const memory = new Uint8Array(3 * BLOCK);
    const spans = [7, 5, 100, 0, BLOCK, BLOCK + 9];
    expect(channel.readSpans(memory, spans, 3, 0)).toBe(BLOCK + 14);
    expectBytes(memory.subarray(7, 12), TRUTH.subarray(0, 5));
    expectBytes(memory.subarray(BLOCK, 2 * BLOCK + 9), TRUTH.subarray(5, BLOCK + 14));
  });
});

describe("several streams", () => {
  it("one that lags behind is brought forward first, and that is accounted for", () => {
    const held = [TRUTH, truthWith({ [2 * BLOCK + 50]: 1 }), TRUTH];
    const { channel } = openChannel("stream", held);
    const memory = new Uint8Array(BLOCK);
    for (let block = 0; block < 2; block++) channel.read(memory, 0, BLOCK, 0);
    expect(channel.report().hostReads).toBe(4);
    expect(channel.read(memory, 0, BLOCK, 0)).toBe(BLOCK);
    expectBytes(memory, TRUTH.subarray(2 * BLOCK, 3 * BLOCK));
    expect(channel.report().hostReads).toBe(9);
  });

  it("one that ends while it is brought forward is out of sync", () => {
    const held = [TRUTH, truthWith({ [2 * BLOCK + 50]: 1 }), TRUTH.subarray(0, BLOCK + 1)];
    const { channel } = openChannel("stream", held);
    expect(failureOf(() => readAll(channel, BLOCK))).toEqual({
      code: 32,
      state: "/dev/votes;2 is out of sync",
      alias: ALIAS,
    });
  });
});

describe("random reads of several files", () => {
  it("compare at the offset asked for", () => {
    const { channel } = openChannel("file", [TRUTH, truthWith({ 9: 0, 10: 0 })], 1);
    const memory = new Uint8Array(10);
    expect(channel.read(memory, 0, 10, 70_000)).toBe(10);
    expectBytes(memory, TRUTH.subarray(70_000, 70_010));
    expect(failureOf(() => channel.read(memory, 0, 10, 5)).code).toBe(5);
  });
});

describe("one source", () => {
  it("that cannot be read ends the session", () => {
    const { channel, host } = openChannel("file", [TRUTH]);
    host.fail("read", 0, "EISDIR");
    expect(failureOf(() => readAll(channel, 10)).state).toBe("/dev/votes failed to read");
  });

  it.each([
    ["ENOSPC", "/dev/out;0 failed to write: No space left on device"],
    ["EPIPE", "/dev/out;0 failed to write: Broken pipe"],
    ["EWEIRD", "/dev/out;0 failed to write: EWEIRD of the fake host"],
  ])("that cannot be written ends the session: %s", (code, state) => {
    const host = new FakeHost();
    const pending = new PendingWrites(host);
    const source = { alias: "/dev/out", index: 0 };
    const backends = [streamBackend(host, host.open(), { source, pending })];
    const shape = shapeOf(0, [0, 0, 9, 99], "/dev/out");
    const channel = new Channel(shape, { backends, sizeBytes: 0, hashName: "md5" });
    host.fail("write", 0, code);
    const memory = new Uint8Array(9);
    const expected = { code: 5, state, alias: "/dev/out" };
    expect(failureOf(() => channel.write(memory, 0, 9, 0))).toEqual(expected);
    expect(failureOf(() => channel.writeSpans(memory, [0, 1, 2, 3], 2, 0))).toEqual(expected);
  });

  it("errors that are not the host's go through unchanged", () => {
    const broken = {
      ...memoryBackend(TRUTH),
      read: () => failWith("read"),
      write: () => failWith("write"),
    };
    const options = { backends: [broken], sizeBytes: 9, hashName: "md5" } as const;
    const channel = new Channel(shapeOf(3, [9, 99, 9, 99]), options);
    expect(() => channel.read(new Uint8Array(9), 0, 9, 0)).toThrow(new TypeError("read"));
    expect(() => channel.write(new Uint8Array(9), 0, 9, 0)).toThrow(new TypeError("write"));
    const twice = new Channel(shapeOf(3, [9, 99, 9, 99]), {
      ...options,
      backends: [broken, broken],
    });
    expect(() => twice.read(new Uint8Array(9), 0, 9, 0)).toThrow(new TypeError("read"));
  });
});

function failWith(what: string): never {
  throw new TypeError(what);
}

describe("writing to several sources", () => {
  function openWriter(count: number): Setting {
    const host = new FakeHost();
    const pending = new PendingWrites(host);
    const backends = Array.from({ length: count }, (_, index) => {
      const source = { alias: ALIAS, index };
      const fd = host.open(new Uint8Array(500));
      return fileBackend(host, fd, { source, pending, readAhead: false, cut: true });
    });
    const shape = shapeOf(3, [0, 0, 99, 999_999], ALIAS);
    return { host, channel: new Channel(shape, { backends, sizeBytes: 0, hashName: "sha1" }) };
  }

  it("gives all of them the same, and cuts and closes every one", () => {
    const { host, channel } = openWriter(4);
    expect(channel.write(TRUTH, 0, 40, 0)).toBe(40);
    expect(channel.writeSpans(TRUTH, [40, 10, 90, 5], 2, 40)).toBe(15);
    channel.close();
    const expected = [...TRUTH.subarray(0, 50), ...TRUTH.subarray(90, 95)];
    for (const fd of [0, 1, 2, 3]) expect([...host.contents(fd)]).toEqual(expected);
    expect(channel.report()).toMatchObject({ hostWrites: 8, hostWriteBytes: 220 });
  });

  it("names the source that fails", () => {
    const { host, channel } = openWriter(3);
    host.fail("write", 1, "EFBIG");
    expect(failureOf(() => channel.write(TRUTH, 0, 20_000, 0)).state).toBe(
      "/dev/votes;1 failed to write: File too large",
    );
    expect(failureOf(() => channel.writeSpans(TRUTH, [0, 20_000, 9, 9], 2, 0)).state).toBe(
      "/dev/votes;1 failed to write: File too large",
    );
  });

  it("names the source whose collected bytes could not be delivered", () => {
    const { host, channel } = openWriter(2);
    host.fail("write", 0, "ENOSPC");
    expect(failureOf(() => channel.write(TRUTH, 0, 10, 0)).state).toBe(
      "/dev/votes;0 failed to write: No space left on device",
    );
  });

  it("closes the others when one cannot be cut, and still reports", () => {
    const { host, channel } = openWriter(3);
    host.fail("truncate", 1, "EIO");
    channel.write(TRUTH, 0, 40, 0);
    expect(failureOf(() => channel.close()).state).toBe(
      "/dev/votes;1 failed to write: Input/output error",
    );
    expect([host.contents(0).length, host.contents(2).length]).toEqual([40, 40]);
    expect(channel.close()).toMatchObject({ puts: 1, putBytes: 40 });
  });

  it("cuts all of them", () => {
    const { host, channel } = openWriter(2);
    expect(channel.truncate(7)).toBe(0);
    expect([host.contents(0).length, host.contents(1).length]).toEqual([7, 7]);
  });
});

it("a third session is read as far as two agreed before, so that it waits for nobody", () => {
  const host = new FakeHost();
  const pending = new PendingWrites(host);
  const backends = [0, 1, 2].map((index): Backend => {
    const source = { alias: ALIAS, index };
    const stream = streamBackend(host, host.open(TRUTH), { source, pending });
    return {
      kind: "stream",
      interactive: false,
      read: (memory, start, size, position) => stream.read(memory, start, size, position),
      write: () => undefined,
      close: () => undefined,
      peer: {
        advance: () => false,
        break: () => undefined,
        reads: false,
        closing: { reads: 0, readBytes: 0, writes: 0 },
      },
    };
  });
  const shape = shapeOf(0, [999, 9_999_999, 0, 0], ALIAS);
  const channel = new Channel(shape, { backends, sizeBytes: 0, hashName: "sha1" });
  const memory = new Uint8Array(30);
  for (const start of [0, 10, 20]) channel.read(memory, start, 10, 0);
  expectBytes(memory, TRUTH.subarray(0, 30));
  const read = host.calls.filter(({ fd }) => fd === 2).map(({ size }) => size);
  expect(read.reduce((sum, size) => sum + size, 0)).toBe(20);
});
