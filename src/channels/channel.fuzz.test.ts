import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Channel, type ChannelReport } from "./channel.ts";
import { FakeHost, type HostCall } from "./fake-host.ts";
import { fileBackend } from "./file-backend.ts";
import { PendingWrites } from "./pending-writes.ts";
import { type ChannelLimits, type ChannelType, isReadable, isWritable } from "./shape.ts";
import { streamBackend } from "./stream-backend.ts";

/**
 * What the host has to see, in order: runs of bytes written, and everything it could tell the
 * time of a write from. Equal neighbours are merged, because the host may get them in one piece.
 */
type Event = { readonly fd: number; readonly at: number; readonly bytes: number[] } | string;

interface Declaration {
  readonly kind: "file" | "stream";
  readonly type: ChannelType;
  readonly limits: ChannelLimits;
  readonly held: Uint8Array;
  readonly etag: boolean;
}

interface Operation {
  readonly channel: number;
  readonly call: "read" | "write" | "readSpans" | "writeSpans" | "truncate";
  readonly sizes: readonly number[];
  readonly offset: number;
}

class EventLog {
  readonly events: Event[] = [];

  happened(what: string): void {
    if (this.events.at(-1) !== what) this.events.push(what);
  }

  wrote(fd: number, at: number, bytes: ArrayLike<number>): void {
    const last = this.events.at(-1);
    const follows = typeof last === "object" && last.fd === fd;
    if (follows && (at === -1 || last.at + last.bytes.length === at)) {
      last.bytes.push(...Array.from(bytes));
      return;
    }
    this.events.push({ fd, at, bytes: Array.from(bytes) });
  }
}

/**
 * The rules once more, as plainly as they can be written: every number a bigint, every byte at
 * once where it belongs, no buffer anywhere. What the channel does has to look like this.
 */
class Model {
  readonly bytes: number[];
  readonly passed: number[] = [];
  readonly hits = new Set<string>();
  readonly used = { gets: 0n, getBytes: 0n, puts: 0n, putBytes: 0n };
  hostReads = 0;
  size: bigint;
  getPosition = 0n;
  putPosition: bigint;
  streamOffset = 0;
  end = false;
  readonly fd: number;
  readonly it: Declaration;
  readonly log: EventLog;

  constructor(fd: number, declaration: Declaration, log: EventLog) {
    this.fd = fd;
    this.it = declaration;
    this.log = log;
    this.bytes = this.canRead || this.isStream ? [...declaration.held] : [];
    this.size = this.isStream ? 0n : BigInt(this.bytes.length);
    const appends = declaration.type === 1 && this.canRead && this.canWrite;
    this.putPosition = appends ? this.size : 0n;
  }

  get isStream(): boolean {
    return this.it.kind === "stream";
  }

  get canRead(): boolean {
    return isReadable(this.it.limits);
  }

  get canWrite(): boolean {
    return isWritable(this.it.limits);
  }

  read(memory: Uint8Array, spans: number[][], argument: bigint): number {
    const { type, limits } = this.it;
    let size = spans.reduce((sum, [, part = 0]) => sum + BigInt(part), 0n);
    let offset = argument;
    const sequential = type === 0 || type === 2;
    if (sequential) offset = this.getPosition;
    else if (this.size - offset < size) size = this.size - offset;
    if (size === 0n) return 0;
    if (size < 0n) return -14;
    if (offset < 0n) return -22;
    if (this.end) return 0;
    if (this.used.gets >= limits.gets) return this.refuse("gets", 122, this.canRead);
    const left = limits.getBytes - this.used.getBytes;
    if (left < 1n) return this.refuse("get-bytes", 122, this.canRead);
    const cut = size > left;
    if (cut) size = left;
    const found = this.take(Number(size), Number(offset));
    const ended = found.length < size;
    if (cut && !ended) this.hits.add("get-bytes");
    this.hostReads += Math.ceil(found.length / 65_536) + (ended ? 1 : 0);
    this.used.gets += 1n;
    this.used.getBytes += BigInt(found.length);
    if (sequential) {
      this.getPosition += BigInt(found.length);
      this.end = ended;
    }
    this.passed.push(...found);
    let at = 0;
    for (const [start = 0, part = 0] of spans) {
      for (let index = 0; index < part && at < found.length; index++) {
        memory[start + index] = found[at++] ?? 0;
      }
    }
    return found.length;
  }

  take(size: number, offset: number): number[] {
    if (this.isStream || this.canWrite) this.log.happened(`read ${this.fd}`);
    if (!this.isStream) return this.bytes.slice(offset, offset + size);
    const found = this.bytes.slice(this.streamOffset, this.streamOffset + size);
    this.streamOffset += found.length;
    return found;
  }

  write(memory: Uint8Array, spans: number[][], argument: bigint): number {
    const { type, limits } = this.it;
    let size = spans.reduce((sum, [, part = 0]) => sum + BigInt(part), 0n);
    const sequential = type === 0 || type === 1;
    const offset = sequential ? this.putPosition : argument;
    if (size === 0n) return 0;
    if (size < 0n) return -14;
    if (offset < 0n) return -22;
    if (this.used.puts >= limits.puts) return this.refuse("puts", 122, this.canWrite);
    const left = limits.putBytes - this.used.putBytes;
    if (!this.canRead && offset >= limits.putBytes) {
      return this.refuse("put-bytes", 22, this.canWrite);
    }
    if (offset >= this.size + left) return this.refuse("put-bytes", 22, this.canWrite);
    if (left < 1n) return this.refuse("put-bytes", 122, this.canWrite);
    if (size > left) {
      this.hits.add("put-bytes");
      size = left;
    }
    const all = spans.flatMap(([start = 0, part = 0]) => [...memory.subarray(start, start + part)]);
    const written = all.slice(0, Number(size));
    this.put(written, Number(offset));
    this.used.puts += 1n;
    this.used.putBytes += size;
    this.putPosition = offset + size;
    this.getPosition = this.putPosition;
    if (sequential || this.putPosition > this.size) this.size = this.putPosition;
    this.passed.push(...written);
    return written.length;
  }

  put(written: number[], offset: number): void {
    this.log.wrote(this.fd, this.isStream ? -1 : offset, written);
    const at = this.isStream ? this.bytes.length : offset;
    while (this.bytes.length < at) this.bytes.push(0);
    for (const [index, byte] of written.entries()) this.bytes[at + index] = byte;
  }

  truncate(size: number): number {
    const { limits } = this.it;
    if (this.isStream || !this.canWrite || size < 0) return -22;
    if (this.used.puts >= limits.puts) return this.refuse("puts", 122, true);
    const reach = this.size + limits.putBytes - this.used.putBytes;
    if (BigInt(size) > this.size && BigInt(size) > reach) return this.refuse("put-bytes", 27, true);
    this.log.happened(`truncate ${this.fd} ${size}`);
    this.used.puts += 1n;
    this.size = BigInt(size);
    if (this.it.type <= 1) this.putPosition = this.size;
    while (this.bytes.length < size) this.bytes.push(0);
    this.bytes.length = size;
    return 0;
  }

  refuse(limit: string, errno: number, granted: boolean): number {
    if (granted) this.hits.add(limit);
    return -errno;
  }

  report(): Partial<ChannelReport> {
    const { gets, getBytes, puts, putBytes } = this.used;
    const digest = createHash("md5").update(Uint8Array.from(this.passed)).digest("hex");
    return {
      gets: Number(gets),
      getBytes: Number(getBytes),
      puts: Number(puts),
      putBytes: Number(putBytes),
      hostReads: this.hostReads,
      hostReadBytes: Number(getBytes),
      hostWriteBytes: Number(putBytes),
      hit: ["gets", "get-bytes", "puts", "put-bytes"].filter((name) =>
        this.hits.has(name),
      ) as ChannelReport["hit"],
      ...(this.it.etag ? { etag: digest } : {}),
    };
  }
}

const MEMORY_BYTES = 1 << 17;

class World {
  readonly host = new FakeHost();
  readonly channels: Channel[];
  readonly models: Model[];
  readonly expected = new EventLog();
  readonly memory = new Uint8Array(MEMORY_BYTES);
  readonly modelMemory = new Uint8Array(MEMORY_BYTES);

  constructor(declarations: readonly Declaration[], readBytesMax: number) {
    this.host.readBytesMax = readBytesMax;
    const pending = new PendingWrites(this.host);
    this.models = declarations.map((one, fd) => new Model(fd, one, this.expected));
    this.channels = declarations.map((one, index) => this.open(one, index, pending));
    for (let at = 0; at < MEMORY_BYTES; at++) this.memory[at] = (at * 167 + (at >> 8)) & 255;
    this.modelMemory.set(this.memory);
  }

  open(declaration: Declaration, index: number, pending: PendingWrites): Channel {
    const { kind, type, limits, etag, held } = declaration;
    const writable = isWritable(limits);
    const keeps = kind === "stream" || isReadable(limits);
    const fd = this.host.open(keeps ? held : new Uint8Array(0));
    const alias = `/dev/${index}`;
    const source = { alias, index: 0 };
    const backend =
      kind === "stream"
        ? streamBackend(this.host, fd, { source, pending })
        : fileBackend(this.host, fd, { source, pending, readAhead: !writable, cut: writable });
    return new Channel(
      { alias, type, etag, limits },
      {
        backends: [backend],
        sizeBytes: kind === "file" && isReadable(limits) ? held.length : 0,
        hashName: "md5",
        hash: (name) => {
          const digest = createHash(name);
          return {
            update: (bytes) => void digest.update(bytes),
            digestHex: () => digest.digest("hex"),
          };
        },
      },
    );
  }

  /** Performs the operation on both and compares result, state and every byte of memory. */
  perform(operation: Operation): void {
    const index = operation.channel % this.channels.length;
    const channel = this.channels[index];
    const model = this.models[index];
    if (channel === undefined || model === undefined) return;
    const { call, offset } = operation;
    const several = call === "readSpans" || call === "writeSpans";
    const sizes = several ? operation.sizes.map((size) => Math.max(0, size)) : operation.sizes;
    const spans: number[][] = [];
    let start = 3;
    for (const size of several ? sizes : sizes.slice(0, 1)) {
      spans.push([start, size]);
      start += Math.max(0, size) + 5;
    }
    const flat = spans.flat();
    const [at = 0, size = 0] = flat;
    const results = {
      read: () => channel.read(this.memory, at, size, offset),
      write: () => channel.write(this.memory, at, size, offset),
      readSpans: () => channel.readSpans(this.memory, flat, spans.length, offset),
      writeSpans: () => channel.writeSpans(this.memory, flat, spans.length, offset),
      truncate: () => channel.truncate(offset),
    };
    const answer = results[call]();
    expect(answer).toBe(this.simulate(model, call, spans, offset));
    expect(Buffer.compare(this.memory, this.modelMemory)).toBe(0);
    expect(BigInt(channel.sizeBytes)).toBe(model.size);
    expect(BigInt(channel.getPosition)).toBe(model.getPosition);
    expect(BigInt(channel.putPosition)).toBe(model.putPosition);
    expect(channel.endSeen).toBe(model.end);
  }

  simulate(model: Model, call: Operation["call"], spans: number[][], offset: number): number {
    if (call === "truncate") return model.truncate(offset);
    const isRead = call === "read" || call === "readSpans";
    if (isRead) return model.read(this.modelMemory, spans, BigInt(offset));
    return model.write(this.modelMemory, spans, BigInt(offset));
  }

  finish(): void {
    const before = this.host.calls.length;
    const reports = this.channels.map((channel) => channel.close());
    const closing = this.host.calls.slice(before).filter((call) => call.call === "write");
    expect(this.seen([...this.host.calls.slice(0, before), ...closing])).toEqual(
      this.expected.events,
    );
    for (const [index, report] of reports.entries()) {
      const model = this.models[index];
      expect(report).toMatchObject(model?.report() ?? {});
      const cut = model?.it.kind === "file" && model.canWrite;
      const final = cut ? model.bytes.slice(0, Number(model.size)) : (model?.bytes ?? []);
      expect(Buffer.compare(this.host.contents(index), Uint8Array.from(final))).toBe(0);
    }
  }

  /** Reads of a file that nobody writes are not compared: nobody can tell when they happen. */
  seen(calls: readonly HostCall[]): Event[] {
    const log = new EventLog();
    for (const { call, fd, position, size, bytes } of calls) {
      const model = this.models[fd];
      if (call === "write") log.wrote(fd, position, bytes ?? []);
      else if (call === "truncate") log.happened(`truncate ${fd} ${size}`);
      else if (model?.isStream || model?.canWrite) log.happened(`read ${fd}`);
    }
    return log.events;
  }
}

const anyLimit = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0n) },
  { weight: 2, arbitrary: fc.bigInt(1n, 12n) },
  { weight: 2, arbitrary: fc.bigInt(13n, 40_000n) },
  { weight: 3, arbitrary: fc.constant(2n ** 63n - 1n) },
);

const anyDeclaration: fc.Arbitrary<Declaration> = fc.record({
  kind: fc.constantFrom("file", "file", "file", "stream"),
  type: fc.constantFrom(0, 1, 2, 3),
  limits: fc.record({ gets: anyLimit, getBytes: anyLimit, puts: anyLimit, putBytes: anyLimit }),
  held: fc
    .oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 70_000 }))
    .map((size) => Uint8Array.from({ length: size }, (_, index) => (index * 13 + size) & 255)),
  etag: fc.boolean(),
});

const anySize = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -1, max: 40 }) },
  { weight: 3, arbitrary: fc.integer({ min: 41, max: 9000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 16_380, max: 18_000 }) },
);

const anyOffset = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -1, max: 60 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 70_100 }) },
  { weight: 1, arbitrary: fc.integer({ min: 65_530, max: 65_540 }) },
);

const anyOperation: fc.Arbitrary<Operation> = fc.record({
  channel: fc.nat(2),
  call: fc.constantFrom("read", "write", "read", "write", "readSpans", "writeSpans", "truncate"),
  sizes: fc.array(anySize, { minLength: 1, maxLength: 4 }),
  offset: anyOffset,
});

const anyReadMax = fc.constantFrom(Number.POSITIVE_INFINITY, 1000, 61);

/** Long runs of equal steps: what read-ahead and write-behind are made for. */
const anyRun: fc.Arbitrary<readonly Operation[]> = fc
  .tuple(anyOperation, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3000 }))
  .map(([operation, count, step]) =>
    Array.from({ length: count }, (_, index) => ({
      ...operation,
      sizes: [step],
      offset: operation.offset + index * step,
    })),
  );

it("channels look as if nothing were buffered", () => {
  fc.assert(
    fc.property(
      fc.array(anyDeclaration, { minLength: 1, maxLength: 3 }),
      anyReadMax,
      fc.array(
        fc.oneof(
          anyOperation.map((one) => [one]),
          anyRun,
        ),
        { maxLength: 25 },
      ),
      (declarations, readBytesMax, runs) => {
        const world = new World(declarations, readBytesMax);
        for (const operation of runs.flat()) world.perform(operation);
        world.finish();
      },
    ),
    { numRuns: 200 },
  );
});
