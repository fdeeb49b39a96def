import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Bug, type HashName } from "../base/index.ts";
import type { Backend } from "./backend.ts";
import {
  type BackendMaker,
  describeFileChannels,
  Guest,
  limitsOf,
  SAMPLE,
  shapeOf,
} from "./channel.contract.ts";
import { Channel } from "./channel.ts";
import { FakeHost } from "./fake-host.ts";
import { fileBackend } from "./file-backend.ts";
import { type MemoryBackend, memoryBackend } from "./memory-backend.ts";
import { PendingWrites } from "./pending-writes.ts";
import { preallocatedBytes, sizeAtMount } from "./shape.ts";
import { streamBackend } from "./stream-backend.ts";

const SOURCE = { alias: "/dev/test", index: 0 };

function hash(name: HashName) {
  const digest = createHash(name);
  return {
    update: (bytes: Uint8Array) => void digest.update(bytes),
    digestHex: () => digest.digest("hex"),
  };
}

function hostMaker(readBytesMax: number, mayReadAhead: boolean): BackendMaker {
  const host = new FakeHost();
  host.readBytesMax = readBytesMax;
  return {
    make(bytes, { writable }) {
      return fileBackend(host, host.open(bytes), {
        source: SOURCE,
        pending: new PendingWrites(host),
        readAhead: mayReadAhead && !writable,
        cut: writable,
      });
    },
    contents: () => host.contents(0),
  };
}

function memoryMaker(): BackendMaker {
  let backend: MemoryBackend = memoryBackend();
  return {
    make(bytes) {
      backend = memoryBackend(bytes);
      return backend;
    },
    contents: () => backend.contents(),
  };
}

describeFileChannels("a file of the host", () => hostMaker(Number.POSITIVE_INFINITY, true));
describeFileChannels("a host that reads seven bytes at a time", () => hostMaker(7, true));
describeFileChannels("a file without reading ahead", () => hostMaker(13, false));
describeFileChannels("memory", memoryMaker);

function streamOf(bytes: Uint8Array, interactive = false): { host: FakeHost; backend: Backend } {
  const host = new FakeHost();
  const pending = new PendingWrites(host);
  const backend = streamBackend(host, host.open(bytes), { source: SOURCE, pending, interactive });
  return { host, backend };
}

function streamMaker(): BackendMaker & { host: FakeHost } {
  const host = new FakeHost();
  host.readBytesMax = 5;
  const pending = new PendingWrites(host);
  return {
    host,
    make: (bytes) => streamBackend(host, host.open(bytes), { source: SOURCE, pending }),
    contents: () => host.contents(0),
  };
}

describe("channels over streams", () => {
  const digits = new TextEncoder().encode("0123456789012345678901234567890\n");

  it("charo: standard input, copied to a file", () => {
    const guest = new Guest(streamMaker(), shapeOf(0, [32, 32, 0, 0], "/dev/stdin"), digits);
    const output = memoryBackend();
    const stdout = new Channel(shapeOf(0, [0, 0, 32, 32], "/dev/stdout"), {
      backends: [output],
      sizeBytes: 0,
      hashName: "sha256",
    });
    expect(guest.channel.guestSizeBytes).toBe(0);
    guest.run([
      ["R", 0, 0, 0],
      ["R", 0, 1, 0],
      ["R", 1, 0, 1],
      ["R", 1, -1, 1],
      ["R", 0, -1, 0],
      ["R", -1, 0, -14],
      ["R", 1, -1, 1],
      ["R", 1, 0, 1],
      ["W", 0, 0, 0],
      ["W", 1, 0, -122],
      ["R", 30, 0, 28],
    ]);
    expect(stdout.write(guest.memory, 100, 28, 0)).toBe(28);
    expect(guest.read(10, 0)).toBe(-122);
    expect(output.contents()).toEqual(digits.subarray(4));
  });

  it("a random read of a stream finds size 0", () => {
    const guest = new Guest(streamMaker(), shapeOf(3, [32, 32, 0, 0]), digits);
    guest.run([
      ["R", 1, 0, 0],
      ["R", 1, 1, -14],
    ]);
  });

  it("a read waits for all it asked for, and the end stays the end", () => {
    const maker = streamMaker();
    const guest = new Guest(maker, shapeOf(0, [32, 999, 0, 0]), digits);
    guest.run([
      ["R", 20, 0, 20],
      ["R", 20, 0, 12],
    ]);
    const callCount = maker.host.calls.length;
    guest.run([["R", 20, 0, 0]]);
    expect(guest.channel.endSeen).toBe(true);
    expect(maker.host.calls.length).toBe(callCount);
    expect(guest.channel.report()).toMatchObject({ gets: 2, getBytes: 32, hostReads: 3 });
  });

  it("a terminal gives what one read of the host gave", () => {
    const { host, backend } = streamOf(digits, true);
    host.readBytesMax = 8;
    const channel = new Channel(shapeOf(0, [99, 999, 0, 0]), {
      backends: [backend],
      sizeBytes: 0,
      hashName: "sha256",
    });
    const memory = new Uint8Array(100);
    expect(channel.interactive).toBe(true);
    expect(channel.read(memory, 0, 100, 0)).toBe(8);
    expect(channel.readSpans(memory, [0, 0, 10, 3, 20, 50], 3, 0)).toBe(3);
    expect(channel.endSeen).toBe(false);
    expect(channel.report()).toMatchObject({ interactive: true, hostReads: 2, gets: 2 });
    for (const size of [8, 8, 5, 0]) expect(channel.read(memory, 0, 9, 0)).toBe(size);
    expect(channel.endSeen).toBe(true);
  });

  it("cannot be cut", () => {
    const guest = new Guest(streamMaker(), shapeOf(0, [0, 0, 32, 32]), digits);
    expect(guest.channel.truncate(0)).toBe(-22);
  });

  it("gets a gathered write in one piece, and a long one piece by piece", () => {
    const { host, backend } = streamOf(new Uint8Array(0));
    const channel = new Channel(shapeOf(0, [0, 0, 99, 99_999]), {
      backends: [backend],
      sizeBytes: 0,
      hashName: "sha256",
    });
    const memory = Uint8Array.from({ length: 30_000 }, (_, index) => index & 255);
    expect(channel.writeSpans(memory, [5, 2, 0, 0, 1, 3], 3, 0)).toBe(5);
    expect([...host.contents(0)]).toEqual([5, 6, 1, 2, 3]);
    expect(host.calls.length).toBe(1);
    expect(channel.writeSpans(memory, [0, 20_000, 20_000, 10_000], 2, 0)).toBe(30_000);
    expect(host.contents(0).subarray(5)).toEqual(memory);
    expect(channel.report()).toMatchObject({ puts: 2, hostWrites: 2, hostWriteBytes: 30_005 });
  });
});

describe("spans", () => {
  const all = limitsOf([99, 999_999, 99, 999_999]);

  it("are one get and one put, however many they are", () => {
    const backend = memoryBackend(SAMPLE);
    const shape = { alias: "/dev/a", type: 3, etag: false, limits: all } as const;
    const channel = new Channel(shape, { backends: [backend], sizeBytes: 466, hashName: "md5" });
    const memory = new Uint8Array(600);
    expect(channel.readSpans(memory, [10, 4, 300, 0, 100, 6, 200, 5], 4, 2)).toBe(15);
    expect(memory.subarray(10, 14)).toEqual(SAMPLE.subarray(2, 6));
    expect(memory.subarray(100, 106)).toEqual(SAMPLE.subarray(6, 12));
    expect(memory.subarray(200, 205)).toEqual(SAMPLE.subarray(12, 17));
    expect(channel.writeSpans(memory, [10, 4, 100, 6], 2, 464)).toBe(10);
    expect(backend.contents().subarray(464)).toEqual(SAMPLE.subarray(2, 12));
    expect(channel.readSpans(memory, [0, 9], 1, 470)).toBe(4);
    expect(channel.writeSpans(memory, [0, 1], 1, 0)).toBe(1);
    expect(channel.report()).toMatchObject({ gets: 2, getBytes: 19, puts: 2, putBytes: 11 });
  });

  it("of nothing cost nothing", () => {
    const shape = { alias: "/dev/a", type: 3, etag: false, limits: all } as const;
    const options = { backends: [memoryBackend(SAMPLE)], sizeBytes: 466, hashName: "md5" } as const;
    const channel = new Channel(shape, options);
    expect(channel.readSpans(new Uint8Array(9), [], 0, 0)).toBe(0);
    expect(channel.writeSpans(new Uint8Array(9), [3, 0, 4, 0], 2, 0)).toBe(0);
    expect(channel.report()).toMatchObject({ gets: 0, puts: 0 });
  });

  it("are cut by limits and by the end", () => {
    const backend = memoryBackend(SAMPLE);
    const shape = shapeOf(3, [9, 8, 9, 5]);
    const channel = new Channel(shape, { backends: [backend], sizeBytes: 466, hashName: "md5" });
    const memory = new Uint8Array(100);
    expect(channel.readSpans(memory, [0, 3, 50, 20], 2, 462)).toBe(4);
    expect(memory[50]).toBe(SAMPLE[465]);
    expect(memory[51]).toBe(0);
    expect(channel.readSpans(memory, [0, 3, 50, 20], 2, 0)).toBe(4);
    expect(channel.writeSpans(memory, [0, 4, 50, 20], 2, 0)).toBe(5);
    expect(channel.report().hit).toEqual(["get-bytes", "put-bytes"]);
  });
});

describe("limits that were hit", () => {
  it("none, as long as everything passes", () => {
    const guest = new Guest(memoryMaker(), shapeOf(0, [9, 999, 0, 0]), SAMPLE);
    guest.run([["R", 400, 0, 400]]);
    expect(guest.channel.report().hit).toEqual([]);
  });

  it("none, when the end comes before the limit", () => {
    const guest = new Guest(memoryMaker(), shapeOf(0, [9, 467, 0, 0]), SAMPLE);
    guest.run([
      ["R", 900, 0, 466],
      ["R", 900, 0, 0],
    ]);
    expect(guest.channel.report().hit).toEqual([]);
  });

  it("a direction that was never granted is no limit", () => {
    const guest = new Guest(memoryMaker(), shapeOf(3, [9, 999, 0, 5]), SAMPLE);
    guest.run([["W", 1, 0, -122]]);
    expect(guest.channel.report().hit).toEqual([]);
    const writer = new Guest(memoryMaker(), shapeOf(0, [5, 0, 9, 99]), SAMPLE);
    writer.run([["R", 1, 0, -122]]);
    expect(writer.channel.readable).toBe(false);
    expect(writer.channel.report().hit).toEqual([]);
  });

  it("calls and bytes, in the order of the manifest", () => {
    const guest = new Guest(memoryMaker(), shapeOf(3, [2, 9, 2, 9]), SAMPLE);
    guest.run([
      ["W", 8, 0, 8],
      ["W", 8, 0, 1],
      ["W", 8, 0, -122],
      ["R", 1, 0, 1],
      ["R", 1, 0, 1],
      ["R", 1, 0, -122],
    ]);
    expect(guest.channel.report().hit).toEqual(["gets", "puts", "put-bytes"]);
  });
});

describe("limits of 2^63 - 1", () => {
  const most = 2n ** 63n - 1n;
  const limits = { gets: most, getBytes: most, puts: most, putBytes: most };

  it("let pass what the file holds", () => {
    const shape = { alias: "/dev/a", type: 3, etag: false, limits } as const;
    const options = { backends: [memoryBackend(SAMPLE)], sizeBytes: 466, hashName: "md5" } as const;
    const channel = new Channel(shape, options);
    const memory = new Uint8Array(1000);
    expect(channel.read(memory, 0, 1000, 0)).toBe(466);
    expect(channel.write(memory, 0, 1000, 466)).toBe(1000);
    expect(channel.write(memory, 0, 1, 2 ** 53 - 1)).toBe(-22);
    expect(channel.truncate(2 ** 53 - 1)).toBe(-27);
  });
});

describe("accounting", () => {
  const many = [999, 9_999_999, 0, 0] as const;

  it.each([
    { held: 250_000, asked: 100_000, reads: 6, what: "the end found with the last bytes" },
    { held: 200_000, asked: 100_000, reads: 5, what: "the end found by a read of nothing" },
    { held: 65_536, asked: 65_536, reads: 2, what: "one full block and the end" },
    { held: 0, asked: 10, reads: 1, what: "an empty file" },
  ])("of reads: $what", ({ held, asked, reads }) => {
    const host = new FakeHost();
    host.readBytesMax = 50_001;
    const pending = new PendingWrites(host);
    const options = { source: SOURCE, pending, readAhead: true, cut: false };
    const backend = fileBackend(host, host.open(new Uint8Array(held)), options);
    const channel = new Channel(shapeOf(0, many), {
      backends: [backend],
      sizeBytes: held,
      hashName: "sha1",
    });
    const memory = new Uint8Array(asked);
    while (channel.read(memory, 0, asked, 0) > 0);
    expect(channel.close()).toMatchObject({ hostReads: reads, hostReadBytes: held });
  });

  it("of writes: one for each call and source", () => {
    const backends = [memoryBackend(), memoryBackend()];
    const options = { backends, sizeBytes: 0, hashName: "sha1" } as const;
    const channel = new Channel(shapeOf(0, [0, 0, 99, 9_999_999]), options);
    const memory = new Uint8Array(100_000);
    for (const size of [100_000, 100_000, 50_000]) channel.write(memory, 0, size, 0);
    expect(channel.close()).toMatchObject({
      puts: 3,
      putBytes: 250_000,
      hostWrites: 6,
      hostWriteBytes: 500_000,
    });
  });

  it("a file that became shorter ends the read", () => {
    const host = new FakeHost();
    const pending = new PendingWrites(host);
    const options = { source: SOURCE, pending, readAhead: true, cut: false };
    const fd = host.open(SAMPLE);
    const channel = new Channel(shapeOf(1, many), {
      backends: [fileBackend(host, fd, options)],
      sizeBytes: 466,
      hashName: "sha1",
    });
    host.replace(fd, SAMPLE.subarray(0, 100));
    const memory = new Uint8Array(500);
    expect(channel.read(memory, 0, 466, 0)).toBe(100);
    expect(channel.read(memory, 0, 10, 200)).toBe(0);
    expect(channel.endSeen).toBe(false);
    expect(channel.report()).toMatchObject({ gets: 2, getBytes: 100, hostReads: 3 });
  });
});

describe("etags", () => {
  const names: readonly (readonly [HashName, string])[] = [
    ["md5", "d41d8cd98f00b204e9800998ecf8427e"],
    ["sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
    ["sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ];

  it.each(names)("of a channel without traffic: %s of nothing", (hashName, hex) => {
    const shape = { ...shapeOf(0, [9, 99, 0, 0]), etag: true };
    const channel = new Channel(shape, {
      backends: [memoryBackend()],
      sizeBytes: 0,
      hashName,
      hash,
    });
    expect(channel.hashing).toBe(true);
    expect(channel.close().etag).toBe(hex);
    expect(channel.close().etag).toBe(hex);
  });

  it("cover what was delivered, in the order of the transfers", () => {
    const shape = { ...shapeOf(3, [9, 8, 9, 99_999]), etag: true };
    const backend = memoryBackend(new TextEncoder().encode("abcdef"));
    const options = { backends: [backend], sizeBytes: 6, hashName: "sha1", hash } as const;
    const channel = new Channel(shape, options);
    const memory = new Uint8Array(10_000).fill(0x78);
    channel.read(memory, 0, 3, 1);
    channel.write(memory, 3, 2, 0);
    channel.read(memory, 0, 3, 0);
    channel.readSpans(memory, [0, 1, 5, 9], 2, 2);
    channel.write(memory, 100, 9000, 6);
    channel.read(memory, 0, 1, 0);
    channel.writeSpans(memory, [200, 1, 300, 1], 2, 0);
    const passed = `bcdxxxxccd${"x".repeat(9002)}`;
    expect(channel.close().etag).toBe(createHash("sha1").update(passed).digest("hex"));
  });

  it("a digest for comparing runs is no etag", () => {
    const options = { backends: [memoryBackend()], sizeBytes: 0, hashName: "md5", hash } as const;
    const channel = new Channel(shapeOf(0, [9, 99, 0, 0]), { ...options, digest: true });
    const report = channel.close();
    expect(report.digest).toBe("d41d8cd98f00b204e9800998ecf8427e");
    expect(report).not.toHaveProperty("etag");
    const silent = new Channel(shapeOf(0, [9, 99, 0, 0]), options);
    expect(silent.hashing).toBe(false);
    expect(silent.close()).not.toHaveProperty("digest");
  });

  it("need a hash, and a channel needs a source", () => {
    const shape = { ...shapeOf(0, [9, 99, 0, 0]), etag: true };
    const options = { backends: [memoryBackend()], sizeBytes: 0, hashName: "md5" } as const;
    expect(() => new Channel(shape, options)).toThrow(Bug);
    expect(() => new Channel(shapeOf(0, [9, 99, 0, 0]), { ...options, backends: [] })).toThrow(Bug);
  });
});

describe("the start of a channel", () => {
  const reader = shapeOf(0, [1, 1, 0, 0]);
  const writer = shapeOf(1, [0, 0, 1, 50]);
  const both = shapeOf(1, [1, 1, 1, 50]);

  it.each([
    { shape: reader, kind: "file", held: 466, size: 466, extended: undefined },
    { shape: reader, kind: "stream", held: 0, size: 0, extended: undefined },
    { shape: writer, kind: "file", held: 466, size: 0, extended: 50n },
    { shape: both, kind: "file", held: 466, size: 466, extended: undefined },
    { shape: both, kind: "file", held: 0, size: 0, extended: 50n },
  ] as const)(
    "a $kind of $held bytes begins with $size, extended to $extended",
    ({ shape, kind, held, size, extended }) => {
      expect(sizeAtMount(shape, kind, held)).toBe(size);
      expect(preallocatedBytes(shape, held)).toBe(extended);
    },
  );

  it.each([
    { type: 0, sequentialRead: true, sequentialWrite: true },
    { type: 1, sequentialRead: false, sequentialWrite: true },
    { type: 2, sequentialRead: true, sequentialWrite: false },
    { type: 3, sequentialRead: false, sequentialWrite: false },
  ] as const)("directions of type $type", ({ type, sequentialRead, sequentialWrite }) => {
    const options = { backends: [memoryBackend()], sizeBytes: 0, hashName: "md5" } as const;
    const channel = new Channel(shapeOf(type, [1, 1, 0, 0]), options);
    expect(channel).toMatchObject({ sequentialRead, sequentialWrite });
    expect(channel).toMatchObject({ readable: true, writable: false, sizeAtMount: 0 });
    expect(channel.getPosition).toBe(0);
  });
});
