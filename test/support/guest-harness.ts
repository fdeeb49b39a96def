/**
 * A guest without a program: a real linear memory full of `?`, the import object of a ZRT, and
 * calls whose every byte in memory is checked. What a call does not say that it writes must be as
 * it was, so that one byte too many is seen.
 */
import { type ByteString, bytesOf, type LimitName, STANDARD_LIMITS } from "../../src/base/index.ts";
import {
  Channel,
  type ChannelLimits,
  type ChannelType,
  type MemoryBackend,
  memoryBackend,
} from "../../src/channels/index.ts";
import {
  createZrt,
  type Image,
  type Mapping,
  seededEntropy,
  Trace,
  virtualClock,
  type Zrt,
} from "../../src/zrt/index.ts";
import { sha256, u32 } from "./guest-bytes.ts";
import { WASI_ERRNO_NAMES } from "./wasi-errno.ts";

export { folderImage } from "./folder-image.ts";
export { hex, sha256, u16, u32, u64 } from "./guest-bytes.ts";

/** The byte that fills guest memory before anything happens. */
export const FILL = 0x3f;
const PAGE_BYTES = 65_536;
/** Strings and iovecs of the helpers grow from here; below it is the test's own. */
const HEAP_START = 0x8000;
const NO_LIMIT = 2n ** 40n;

/** Where helpers have results written. */
export const RESULT = 0x100;
/** Where helpers have data read to. */
export const BUFFER = 0x1000;

export const RIGHTS = { READ: 1n << 1n, WRITE: 1n << 6n, BOTH: (1n << 1n) | (1n << 6n) } as const;
export const OFLAGS = { CREAT: 1, DIRECTORY: 2, EXCL: 4, TRUNC: 8 } as const;
export const FDFLAGS = { APPEND: 1, DSYNC: 2, NONBLOCK: 4, RSYNC: 8, SYNC: 16 } as const;

export interface TestChannel {
  readonly alias: ByteString;
  readonly type?: ChannelType;
  readonly contents?: ByteString;
  readonly limits?: Partial<ChannelLimits>;
}

export interface GuestOptions {
  readonly args?: readonly ByteString[];
  readonly env?: readonly (readonly [ByteString, ByteString])[];
  readonly stdin?: ByteString;
  /** Beside the three standard ones. */
  readonly channels?: readonly TestChannel[];
  readonly mapping?: Readonly<Record<ByteString, Mapping>>;
  readonly images?: readonly Image[];
  readonly preopens?: readonly ByteString[];
  readonly limits?: Partial<Record<LimitName, number>>;
  readonly clockSeconds?: number;
  /** See `ZrtOptions`. */
  readonly forks?: readonly number[];
  readonly seed?: bigint;
}

/** Bytes that a call is expected to write: where, and what. */
export type Write = readonly [at: number, bytes: readonly number[] | Uint8Array];

type Argument = number | bigint;
type Import = (...args: Argument[]) => number;

export class TestGuest {
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 1 });
  readonly zrt: Zrt;
  readonly trace: Trace;
  readonly channels: readonly Channel[];
  readonly #backends = new Map<ByteString, MemoryBackend>();
  readonly #imports: WebAssembly.Imports;
  #heap = HEAP_START;

  constructor(options: GuestOptions = {}) {
    this.bytes.fill(FILL);
    this.trace = new Trace(sha256());
    this.channels = this.#standardChannels(options).map((channel) => this.#channel(channel));
    this.zrt = createZrt({
      channels: this.channels,
      args: options.args ?? [],
      env: options.env ?? [],
      mapping: new Map(Object.entries(options.mapping ?? {})),
      images: options.images ?? [],
      exports: [],
      preopens: options.preopens ?? [],
      forks: options.forks ?? [],
      clock: virtualClock(options.clockSeconds ?? 0),
      entropy: seededEntropy(options.seed ?? 0n),
      limits: { ...STANDARD_LIMITS, ...options.limits },
      trace: this.trace,
    });
    this.#imports = this.zrt.wasiImports(() => this.memory);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  /**
   * Calls `name` of preview1, `unstable.name` or `zrt.name`. Throws when memory outside of
   * `writes` changed, or inside has other bytes.
   * @returns the name of the errno.
   */
  call(name: string, args: readonly Argument[] = [], writes: readonly Write[] = []): string {
    const expected = this.bytes.slice();
    const answer = this.unchecked(name, args);
    for (const [at, bytes] of writes) expected.set(bytes, at);
    const difference = compare(expected, this.bytes);
    if (difference !== undefined) throw new Error(`${name} = ${answer}: ${difference}`);
    return answer;
  }

  /** `call` without the look at memory. */
  unchecked(name: string, args: readonly Argument[] = []): string {
    const errno = this.import(name)(...args);
    return WASI_ERRNO_NAMES.get(errno) ?? `errno ${errno}`;
  }

  import(name: string): Import {
    const [short, module] = name.startsWith("unstable.")
      ? [name.slice(9), "wasi_unstable"]
      : name.startsWith("zrt.")
        ? [name.slice(4), "zrt"]
        : [name, "wasi_snapshot_preview1"];
    const found = this.#imports[module]?.[short];
    if (typeof found !== "function") throw new Error(`There is no import ${name}`);
    return found as Import;
  }

  /** Puts bytes somewhere. @returns pointer and size, as most calls take them. */
  place(bytes: ByteString | readonly number[]): [pointer: number, size: number] {
    const source = typeof bytes === "string" ? bytesOf(bytes) : bytes;
    if (this.#heap + source.length > PAGE_BYTES) this.#heap = HEAP_START;
    const pointer = this.#heap;
    this.bytes.set(source, pointer);
    this.#heap += source.length + 1;
    return [pointer, source.length];
  }

  /** Puts an array of iovecs somewhere. @returns pointer and count. */
  iovecs(spans: readonly (readonly [pointer: number, size: number])[]): [number, number] {
    const bytes = spans.flatMap(([pointer, size]) => [...u32(pointer), ...u32(size)]);
    return [this.place(bytes)[0], spans.length];
  }

  u32(at: number): number {
    return new DataView(this.memory.buffer).getUint32(at, true);
  }

  u64(at: number): bigint {
    return new DataView(this.memory.buffer).getBigUint64(at, true);
  }

  text(at: number, size: number): ByteString {
    return String.fromCharCode(...this.bytes.subarray(at, at + size));
  }

  /** Opens a path below descriptor 3. @returns the descriptor, or the name of the errno. */
  open(path: ByteString, how: OpenHow = {}): number | string {
    const answer = this.unchecked("path_open", [
      how.dir ?? 3,
      how.follow === true ? 1 : 0,
      ...this.place(path),
      how.oflags ?? 0,
      how.rights ?? RIGHTS.READ,
      how.inheriting ?? 0n,
      how.fdflags ?? 0,
      RESULT,
    ]);
    return answer === "SUCCESS" ? this.u32(RESULT) : answer;
  }

  /** `open` of what the test needs to be there. */
  opened(path: ByteString, how: OpenHow = {}): number {
    const fd = this.open(path, how);
    if (typeof fd !== "number") throw new Error(`Cannot open ${path}: ${fd}`);
    return fd;
  }

  /** Makes or replaces a file. */
  file(path: ByteString, contents: ByteString, dir = 3): void {
    const fd = this.opened(path, {
      dir,
      oflags: OFLAGS.CREAT | OFLAGS.TRUNC,
      rights: RIGHTS.WRITE,
    });
    if (contents !== "") this.write(fd, contents);
    this.unchecked("fd_close", [fd]);
  }

  /** @returns the bytes written, or the name of the errno. */
  write(fd: number, contents: ByteString): number | string {
    const iovecs = this.iovecs([this.place(contents)]);
    const answer = this.unchecked("fd_write", [fd, ...iovecs, RESULT]);
    return answer === "SUCCESS" ? this.u32(RESULT) : answer;
  }

  /** @returns what was read, or the name of the errno in angle brackets. */
  read(fd: number, size: number): ByteString {
    const iovecs = this.iovecs([[BUFFER, size]]);
    const answer = this.unchecked("fd_read", [fd, ...iovecs, RESULT]);
    return answer === "SUCCESS" ? this.text(BUFFER, this.u32(RESULT)) : `<${answer}>`;
  }

  /** A call on one path below a directory: `path_create_directory` and its like. */
  onPath(name: string, path: ByteString, dir = 3): string {
    return this.call(name, [dir, ...this.place(path)]);
  }

  link(from: ByteString, to: ByteString, dir = 3): string {
    return this.call("path_link", [dir, 0, ...this.place(from), dir, ...this.place(to)]);
  }

  rename(from: ByteString, to: ByteString, dir = 3): string {
    return this.call("path_rename", [dir, ...this.place(from), dir, ...this.place(to)]);
  }

  symlink(target: ByteString, path: ByteString, dir = 3): string {
    return this.call("path_symlink", [...this.place(target), dir, ...this.place(path)]);
  }

  /** What the host has in a channel's source now. */
  contents(alias: ByteString): ByteString {
    const bytes = this.#backends.get(alias)?.contents() ?? new Uint8Array(0);
    return String.fromCharCode(...bytes);
  }

  #standardChannels(options: GuestOptions): readonly TestChannel[] {
    const given = options.channels ?? [];
    const named = new Set(given.map((channel) => channel.alias));
    const writes = { gets: 0n, getBytes: 0n };
    const standard: TestChannel[] = [
      {
        alias: "/dev/stdin",
        contents: options.stdin ?? "",
        limits: { puts: 0n, putBytes: 0n },
      },
      { alias: "/dev/stdout", limits: writes },
      { alias: "/dev/stderr", limits: writes },
    ];
    return [...standard.filter((channel) => !named.has(channel.alias)), ...given];
  }

  #channel({ alias, type = 0, contents = "", limits = {} }: TestChannel): Channel {
    const backend = memoryBackend(bytesOf(contents));
    this.#backends.set(alias, backend);
    const all = { gets: NO_LIMIT, getBytes: NO_LIMIT, puts: NO_LIMIT, putBytes: NO_LIMIT };
    return new Channel(
      { alias, type, etag: false, limits: { ...all, ...limits } },
      { backends: [backend], sizeBytes: contents.length, hashName: "sha256" },
    );
  }
}

export interface OpenHow {
  readonly dir?: number;
  readonly oflags?: number;
  readonly rights?: bigint;
  readonly inheriting?: bigint;
  readonly fdflags?: number;
  readonly follow?: boolean;
}

/** @returns where two pictures of memory differ first, with a byte on each side, or undefined. */
function compare(expected: Uint8Array, actual: Uint8Array): string | undefined {
  if (Buffer.compare(expected, actual) === 0) return undefined;
  const first = expected.findIndex((byte, at) => byte !== actual[at]);
  const last = expected.findLastIndex((byte, at) => byte !== actual[at]);
  const from = Math.max(0, first - 1);
  const to = Math.min(last + 2, from + 64);
  const shown = (bytes: Uint8Array): string =>
    Buffer.from(bytes.subarray(from, to)).toString("hex");
  return `memory from ${from} is ${shown(actual)}, expected ${shown(expected)}`;
}
