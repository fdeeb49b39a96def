import { type ByteString, type HashName, type Limits, ZvmError } from "../../../base/index.ts";
import type { ChannelType } from "../../../channels/index.ts";
import type { MemberTable } from "../../../tar/index.ts";
import type { Tier } from "../../report/index.ts";

/** Raised whenever the form of orders changes; a cell takes only its own. */
export const ORDER_VERSION = 8;

/** Where the handovers begin in the cell: 0 to 2 are standard, 3 is the control socket. */
export const FIRST_CELL_FD = 4;

/** The largest order without its members. */
export const ORDER_BYTES_MAX = 512 * 2 ** 20;

/**
 * What a cell is told: plain data, and descriptors by number that came with it. The cell opens
 * nothing itself. `docs/reference/order.md` describes it, `order.schema.json` is its schema.
 */
export interface Order {
  readonly version: typeof ORDER_VERSION;
  /** A regular file with a WebAssembly module, as the passes of the host made it. */
  readonly program: OrderProgram;
  /** Functions that the program has, imported ones included; further ones are of the passes. */
  readonly functionCount: number;
  readonly limits: Limits;
  /** Units of fuel that the guest has; absent: they are not counted. */
  readonly fuel?: bigint;
  /** The module was a Native Client program; absent: it is a WebAssembly program. */
  readonly nexe?: OrderNexe;
  /** The guest runs to its point, where a second order takes it over; absent: to its end. */
  readonly prepares?: true;
  /** The point is before the guest begins; only where it is prepared. */
  readonly precache?: true;
  /** What is left of a guest that returns, or of a nexe at its point, is written down. */
  readonly freezes?: OrderFreezing;
  /**
   * The guest goes on from a state in which another one was frozen; absent: from its start. The
   * program of a nexe is an image then.
   */
  readonly frozen?: { readonly clockNs: bigint; readonly entropyBytes: bigint };
  /** What the module and the process were made for; who runs the session again needs to know. */
  readonly tier: Tier;
  /** Hash of the etags. */
  readonly hash: HashName;
  /** Whether the report has a digest of linear memory as it was at the end. */
  readonly memoryEtag: boolean;
  /** Seconds since 1970 for the virtual clock, or the host's clock. */
  readonly clock: number | "real";
  /** Seed of the virtual entropy, or the host's entropy. */
  readonly seed: bigint | "real";
  /** In guest order: the three standard channels, then by alias. */
  readonly channels: readonly OrderChannel[];
  readonly args: readonly ByteString[];
  readonly env: readonly (readonly [ByteString, ByteString])[];
  readonly mapping: readonly OrderMapping[];
  readonly images: readonly OrderImage[];
  readonly exports: readonly OrderExport[];
  /** Guest names of preopened directories besides `/`. */
  readonly preopens: readonly ByteString[];
  /** Digests of all that passes each channel, also where no etag asks for them. */
  readonly digests?: true;
  /** Where the cell writes what the session takes in. */
  readonly recording?: OrderRecording;
  /** What a session took in before: comes in place of the sources that are `replayed`. */
  readonly replay?: OrderFileSpan;
  /** Where the cell writes the bytes behind the trace hash, as far as they fit. */
  readonly traceLog?: OrderLog;
}

/** Where a Native Client guest finds its memory, by guest addresses. */
export interface OrderNexe {
  /** Whose program it is: the calls of the sandbox and the start differ. */
  readonly policy: "zerovm" | "nacl";
  /** In ascending order, each from the end of the one before, up to 4 GiB. */
  readonly regions: readonly { readonly end: number; readonly access: RegionAccess }[];
  readonly heap: OrderRange;
  /** Where it may make code. */
  readonly code: OrderRange;
  /** What the etag of its memory covers, in its order. */
  readonly hashed: readonly OrderRange[];
  /** What it takes to translate more of it while it runs. */
  readonly further?: OrderFurther;
}

/** A Native Client program, of which more may have to be translated. */
export interface OrderFurther {
  /** The program file. */
  readonly program: OrderFileSpan;
  /** Whether each store is checked. */
  readonly strictMemory?: boolean;
  /** The script that translates it; a record has none: it comes from whoever replays. */
  readonly translator?: OrderFileSpan;
}

export type RegionAccess = "none" | "r" | "rx" | "rw";

export interface OrderRange {
  readonly start: number;
  readonly end: number;
}

/** Where the memory of a guest goes, and how much else its module shows. */
export interface OrderFreezing {
  /** A regular file. */
  readonly fd: number;
  readonly values: number;
  readonly tables: number;
}

/** A module in a regular file. */
export interface OrderFileSpan {
  readonly fd: number;
  readonly sizeBytes: number;
}

export interface OrderProgram extends OrderFileSpan {
  /** The cell compiled this very module before the order came, and may have an instance of it. */
  readonly compiled?: true;
}

/** A regular file that the cell fills. */
export interface OrderLog {
  readonly fd: number;
  readonly bytesMax: number;
}

export interface OrderRecording extends OrderLog {
  /** Also what is read from files that nothing in the session writes. */
  readonly files: boolean;
}

export interface OrderChannel {
  readonly alias: ByteString;
  readonly type: ChannelType;
  readonly etag: boolean;
  readonly gets: bigint;
  readonly getBytes: bigint;
  readonly puts: bigint;
  readonly putBytes: bigint;
  /** The size the channel starts with. */
  readonly sizeBytes: number;
  readonly sources: readonly OrderSource[];
}

export type OrderSource = OrderFile | OrderStream | OrderPeer | OrderReplayed;

/** A regular file, read and written by position. */
export interface OrderFile {
  readonly kind: "file";
  readonly fd: number;
  /** Nothing in the session can write this file. */
  readonly readAhead: boolean;
  /** The file is cut to the channel's size at the end. */
  readonly cut: boolean;
  /**
   * The sizes the file is given before the guest starts, one after the other: none, or 0 to
   * empty it, or 0 and what it is extended to.
   */
  readonly resize: readonly number[];
}

/** Anything else, at its own offset. */
export interface OrderStream {
  readonly kind: "stream";
  readonly fd: number;
  /** A terminal of an interactive session: a read gives what one read of the host gave. */
  readonly interactive: boolean;
  /** A regular file, where small writes may be collected. */
  readonly writeBehind: boolean;
  /** Whether a transfer can block: it is waited for in a way that the session can end. */
  readonly waits: boolean;
}

/** Another session at the end of a wire, see `docs/reference/peer-protocol.md`. */
export interface OrderPeer {
  readonly kind: "peer";
  /** A connected stream socket that does not block. */
  readonly fd: number;
  /** What the other session is called, for the report. */
  readonly name: ByteString;
  /** What passes is summed up, and compared at the end. */
  readonly checked?: true;
  /** Keys of the wire in hexadecimal, 32 bytes each; absent where nothing is sealed. */
  readonly keys?: { readonly writer: string; readonly reader: string };
}

/** What was a file or stream when the session was recorded; writes to it go nowhere. */
export interface OrderReplayed {
  readonly kind: "replayed";
  readonly of: "file" | "stream";
  readonly interactive: boolean;
}

export interface OrderMapping {
  readonly channel: ByteString;
  readonly mode: "pipe" | "char" | "file";
  readonly truncate: boolean;
}

export interface OrderImage {
  readonly fd: number;
  readonly sizeBytes: number;
  readonly mountpoint: ByteString;
  readonly readonly: boolean;
  readonly meta: "archive" | "classic";
  /** A folder of the host, whose listings begin with `.` and `..`. */
  readonly isFolder: boolean;
  /** Travels behind the order in a frame of its own, see `encodeMembers`. */
  readonly members: MemberTable;
}

export interface OrderExport {
  /** Index of a channel. */
  readonly channel: number;
  readonly mountpoint: ByteString;
}

/**
 * Writes an order down: numbers that JSON cannot hold exactly become decimal text.
 * @throws ZvmError ZVM_NVRAM when arguments and environment make it larger than a cell takes.
 */
export function encodeOrder(order: Order): string {
  const text = written(order);
  if (text !== undefined && Buffer.byteLength(text) <= ORDER_BYTES_MAX) return text;
  const size = `${ORDER_BYTES_MAX / 2 ** 20} MiB`;
  throw new ZvmError(
    "ZVM_NVRAM",
    `Arguments and environment need more than the ${size} of an order`,
  );
}

/** The order as JSON; undefined when that is longer than texts of the engine can be. */
function written(order: Order): string | undefined {
  try {
    return stringify(order);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function stringify(order: Order): string {
  const { seed, channels, images, fuel, frozen } = order;
  return JSON.stringify({
    ...order,
    seed: String(seed),
    ...(fuel === undefined ? {} : { fuel: String(fuel) }),
    ...(frozen !== undefined && {
      frozen: { clockNs: `${frozen.clockNs}`, entropyBytes: `${frozen.entropyBytes}` },
    }),
    images: images.map(({ members, ...image }) => ({ ...image, members: members.count })),
    channels: channels.map(({ gets, getBytes, puts, putBytes, ...channel }) => ({
      ...channel,
      gets: String(gets),
      getBytes: String(getBytes),
      puts: String(puts),
      putBytes: String(putBytes),
    })),
  });
}
