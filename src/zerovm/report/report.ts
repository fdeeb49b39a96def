import type { ByteString } from "../../base/index.ts";
import type { ChannelReport } from "../../channels/index.ts";
import type { Isolation } from "../walls/index.ts";
import type { Outcome } from "./outcome.ts";

/**
 * How the engine comes to optimised code. `auto`: it begins with quick code and optimises what runs
 * often, and loops of functions that are entered once are moved to where it finds them.
 * `optimise`: it optimises every function before that runs. `dynamic`: as `auto`, with all loops
 * where they are.
 */
export type Tier = (typeof TIERS)[number];

/** All tiers, the standard one first. */
export const TIERS = ["auto", "optimise", "dynamic"] as const;

/**
 * Where a cell came from. `new`: it was started for the session. `warm`: it had waited. `compiled`:
 * it had compiled the program as well. `prepared`: the guest had waited in it at its point.
 */
export type CellOrigin = "new" | "warm" | "compiled" | "prepared";

/** All that is known after a session; plain data. */
export interface Report {
  readonly version: 1;
  readonly outcome: Outcome;
  /** Exit status of the command: the guest's own, or 124 and above. */
  readonly exitStatus: number;
  /** What the original's report and exit status say of the same session. */
  readonly classic: ClassicPart;
  readonly times: ReportTimes;
  readonly memory: ReportMemory;
  /** In guest order: the three standard channels, then by alias. */
  readonly channels: readonly ChannelReport[];
  /**
   * Digests that were asked for: of local channels in guest order, then of network channels that
   * are written and of those that are read, and of `/dev/memory`.
   */
  readonly etags: readonly EtagRow[];
  /** Limits that answered the guest, in the order of the channels, then by name. */
  readonly hits: readonly LimitHit[];
  /** Units of fuel, where the manifest limits them. */
  readonly fuel?: { readonly used: bigint; readonly limit: bigint };
  readonly warnings: readonly string[];
  /** The walls that stood around the cell, by name; none where no cell was needed. */
  readonly walls: readonly string[];
  readonly isolation: Isolation;
  /** Absent where no cell was needed. */
  readonly cell?: CellOrigin;
  readonly tier: Tier;
  /** SHA-256 over all that crossed the sandbox wall; absent when no guest ran to an end. */
  readonly traceHash?: string;
  /** What a further run of the session came to; absent where none was asked for. */
  readonly verified?: Verified;
  /** Reads from a terminal gave what was there: such a session need not repeat itself. */
  readonly interactive: boolean;
  /** What the manifest granted of the real world. */
  readonly granted: { readonly clock: boolean; readonly entropy: boolean };
  /** Paths that the guest looked for in vain, for hints. */
  readonly denied: readonly DeniedPath[];
}

export interface Verified {
  /** Outcome, trace hash and the digests of all channels are the same. */
  readonly agrees: boolean;
  /** Where the two begin to differ, in words. */
  readonly difference?: string;
}

export interface ClassicPart {
  /** 0 passed, 1 failed, 2 not reached. */
  readonly validator: 0 | 1 | 2;
  /** 1: the guest waits at its point, and a daemon serves sessions from there. */
  readonly daemon: 0 | 1;
  /** What the guest gave to exit, as a signed 32-bit number; 0 when it never exited. */
  readonly userCode: number;
  readonly exitCode: number;
  /** `ok`, or the first error. */
  readonly state: string;
}

export interface ReportTimes {
  /** From the request to the report, in milliseconds. */
  readonly wallMs: number;
  /** CPU time of the cell. */
  readonly userMs: number;
  readonly systemMs: number;
  /** From the order to the guest's first instruction. */
  readonly orderToGuestMs: number;
  /** From the order to its answer, read and judged. */
  readonly orderToReportMs: number;
  /** From the start of the process to its first line of ours. */
  readonly cellStartMs: number;
  readonly compileMs: number;
  readonly instantiateMs: number;
  /** From the guest's first instruction to its end. */
  readonly guestMs: number;
  /** Exports and closing of channels. */
  readonly finishMs: number;
}

export interface ReportMemory {
  /** Linear memory at the end; as it never shrinks, its high-water mark. */
  readonly linearBytes: number;
  readonly limitBytes: number;
  /** High-water mark of the whole cell, engine included. */
  readonly residentBytes: number;
}

export interface EtagRow {
  readonly alias: ByteString;
  readonly hex: string;
}

export interface LimitHit {
  readonly limit: string;
  readonly channel?: ByteString;
}

export interface DeniedPath {
  /** As the guest sees it, absolute. */
  readonly path: ByteString;
  readonly wanted: "read" | "write";
  /** What the guest was told, a Linux number. */
  readonly errno: number;
}

/** The name of linear memory among the etags. */
export const MEMORY_ALIAS: ByteString = "/dev/memory";
