import type { Readable, Writable } from "node:stream";
import type { ByteString } from "../../base/index.ts";
import type { NexePolicy } from "../../nacl/elf/index.ts";
import type { MemberTable } from "../../tar/index.ts";
import type { ZrtConfig } from "../../zrt/index.ts";
import type { FrozenGuest } from "../cell/index.ts";
import type { Finding, Manifest } from "../manifest/index.ts";
import type { CellPool } from "../pool/index.ts";
import type { ProgramVerdict } from "../program/index.ts";
import type { Tier } from "../report/index.ts";
import type { Isolation } from "../walls/index.ts";
import type { NeededFile } from "./write-clash.ts";

/** All that one session needs; the manifest alone will do. */
export interface SessionRequest {
  readonly manifest: Manifest;
  /** What was found before, for example while the text was parsed. */
  readonly findings?: readonly Finding[];
  /** Files that no channel may write, besides the program: the manifest's own, for example. */
  readonly needed?: readonly NeededFile[];
  /**
   * The program as it was examined before, still owned by the caller. Without it the session
   * examines the manifest's.
   */
  readonly program?: ProgramVerdict;
  /**
   * The module of `program` as the passes of the host made it, still owned by the caller. Without
   * it the session has it made.
   */
  readonly module?: SessionModule;
  /** The state of ZRT. Without it the session reads the channel `/dev/nvram`, if there is one. */
  readonly zrt?: ZrtConfig;
  /** Archives mounted besides those of ZRT's configuration, owned by the caller. */
  readonly images?: readonly SessionImage[];
  /** Guest names of preopened directories besides `/`. */
  readonly preopens?: readonly ByteString[];
  /** What stands in for the sources of channels, by alias. */
  readonly substitutes?: ReadonlyMap<ByteString, Substitute>;
  /** Reads give what is there instead of waiting for all that was asked. */
  readonly interactive?: boolean;
  /** Files that are written are extended to their limit first; on unless switched off. */
  readonly preallocate?: boolean;
  /** Whose rules a Native Client program is judged by; `zerovm` unless given. */
  readonly policy?: NexePolicy;
  /** Whether each store of a Native Client program is checked; not unless given. */
  readonly strictMemory?: boolean;
  /** Where the cell comes from; without it a new one is started. */
  readonly pool?: CellPool;
  /** How much has to stand around the guest; `full` unless given. */
  readonly isolation?: Isolation;
  /**
   * How the engine comes to optimised code; `auto` unless given. In this process (`none`) it cannot
   * be told to `optimise`: that is `dynamic` there.
   */
  readonly tier?: Tier;
  /** Runs the session a second time, which writes nowhere, and compares the two. */
  readonly verify?: boolean;
  /** Where all that it takes to run the session again is written. */
  readonly record?: string;
  /** What is left of a guest that returns is to be written down. */
  readonly freezing?: SessionFreezing;
  /** Judges everything and stops with the outcome `judged`: nothing is created or started. */
  readonly judgeOnly?: boolean;
  /** Ends the session in order: the outcome is `lost` with the cause `interrupted`. */
  readonly signal?: AbortSignal;
  /** Told when a cell has the order and copies of its descriptors; never where none gets it. */
  readonly onSent?: () => void;
}

/** One end of a wire to another session; `docs/reference/peer-protocol.md`. */
export interface WireEnd {
  /** A connected stream socket. The session takes it over and closes it, whatever becomes of it. */
  readonly fd: number;
  /** What the other session is called, for the report: `node map-1`. */
  readonly name: string;
  /**
   * Whether what passes is summed up and compared at the end, by both sides: for a connection over
   * a network that is not sealed.
   */
  readonly checked?: boolean;
  /** Keys of this wire, 32 bytes each; absent where nothing is sealed. */
  readonly keys?: { readonly writer: Uint8Array; readonly reader: Uint8Array };
}

/**
 * Contents to be read, or a stream of this process in place of the declared sources. A stream
 * to write to is not ended. A file to be read by its descriptor, which stays the caller's: for one
 * that this process may not open by itself. Wires to other sessions, one a source.
 */
export type Substitute =
  | { readonly kind: "contents"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly fd: number }
  | { readonly kind: "wires"; readonly ends: readonly WireEnd[] }
  | { readonly kind: "readable"; readonly stream: Readable }
  | { readonly kind: "writable"; readonly stream: Writable };

/** A substitute that is read or written as it comes. */
export type StreamSubstitute = Extract<Substitute, { kind: "readable" | "writable" }>;

/** A substitute that is one regular file. */
export type FileSubstitute = Extract<Substitute, { kind: "contents" | "file" }>;

export function isStream(substitute: Substitute): substitute is StreamSubstitute {
  return substitute.kind === "readable" || substitute.kind === "writable";
}

/** How a guest is frozen that comes to its end. */
export interface SessionFreezing {
  /** A file of ours for its memory. */
  readonly fd: number;
  /** How much its module shows besides. */
  readonly values: number;
  readonly tables: number;
  /** Called once, where it came to its end; with the end of the heap of a nexe, else with 0. */
  onFrozen(guest: FrozenGuest, heapEnd: number): void;
}

/** A module that a cell can compile. */
export interface SessionModule {
  readonly fd: number;
  readonly sizeBytes: number;
  /** The cell has compiled it already. */
  readonly compiled?: true;
}

/** An archive that was opened and indexed. */
export interface SessionImage {
  readonly fd: number;
  readonly sizeBytes: number;
  readonly members: MemberTable;
  readonly mountpoint: ByteString;
  /** EROFS for every change below the mountpoint. */
  readonly readonly: boolean;
  readonly meta: "archive" | "classic";
  /** A folder of the host, whose listings begin with `.` and `..`. */
  readonly isFolder: boolean;
}
