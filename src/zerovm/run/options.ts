import type { Readable, Writable } from "node:stream";
import type { HashName, LimitName } from "../../base/index.ts";
import type { NexePolicy } from "../../nacl/elf/index.ts";
import type { CellPool } from "../pool/index.ts";
import type { Tier } from "../report/index.ts";
import type { RuntimeOptions } from "../runtime/index.ts";
import type { Isolation } from "../walls/index.ts";
import type { WebReadable, WebWritable } from "./web-streams.ts";

/** A file of the host for the guest, at `/dev/BASENAME` unless an alias says otherwise. */
export interface FileGrant {
  readonly path: string;
  readonly alias?: string;
}

/** A folder of the host, taken as a snapshot before the start. */
export interface FolderGrant {
  readonly host: string;
  /** Where the guest sees it; `/` followed by the folder's name if absent. */
  readonly guest?: string;
  /** `ro`: no changes; `cow`: changes are gone at the end; `rw`: they come back to the host. */
  readonly mode: "ro" | "cow" | "rw";
}

/** A tar archive, mounted at the start or written at the end. */
export interface ImageGrant {
  readonly path: string;
  readonly mountpoint: string;
  /** `ro`: no changes; `cow`: changes are gone at the end; `export`: written at the end. */
  readonly mode: "ro" | "cow" | "export";
}

/** A standard stream to read: the host's own, nothing, contents, or a stream. */
export type Input =
  | "inherit"
  | "ignore"
  | { readonly text: string }
  | Uint8Array
  | Readable
  | WebReadable;

/** A standard stream to write: the host's own, nothing, kept for the result, or a stream. */
export type Output = "inherit" | "ignore" | "collect" | Writable | WebWritable;

/**
 * What a session is to run and what it may touch. Everything that is not named here does not
 * exist for the guest.
 */
export interface SessionOptions {
  /** Path of a `.wasm`, or the name of a runtime. */
  readonly program: string;
  /** Arguments after the program's name; `@path` grants a file (see `expandArgument`). */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly read?: readonly FileGrant[];
  readonly write?: readonly FileGrant[];
  readonly folders?: readonly FolderGrant[];
  readonly images?: readonly ImageGrant[];
  /** Channels in the form of a manifest line. */
  readonly channels?: readonly string[];
  /** The number of this session, by which a name server knows it, for network channels. */
  readonly node?: number;
  /** The name server of network channels, `udp:HOST:PORT`. */
  readonly nameServer?: string;
  /** A file with the key that all sessions share which network channels lead to. */
  readonly keyFile?: string;
  readonly timeoutSeconds?: number;
  /** Units of work that the guest has, see `docs/reference/fuel.md`; not counted unless given. */
  readonly fuel?: bigint;
  readonly memoryBytes?: number;
  readonly limits?: Readonly<Partial<Record<LimitName, number>>>;
  /** Start of the virtual clock, or the clock of the host. */
  readonly clock?: number | "real";
  /** Seed of the entropy, or the entropy of the host. */
  readonly seed?: bigint | "real";
  /** Digests of all that passes the channels. */
  readonly etag?: HashName;
  /**
   * The standard streams are terminals for the guest, inherited ones where they are terminals
   * here: a read gives what was typed, line by line.
   */
  readonly interactive?: boolean;
  /** `ignore` unless given. */
  readonly stdin?: Input;
  /** `collect` unless given. */
  readonly stdout?: Output;
  /** `collect` unless given. */
  readonly stderr?: Output;
  /**
   * How much has to stand around the guest. `full`, unless given: the session is refused where the
   * wall that always has to stand cannot be built. `weak`: with the walls that can be built.
   * `none`: in this process, which waits meanwhile: only for programs that you trust like your own.
   */
  readonly isolation?: Isolation;
  /** How the engine comes to optimised code; `auto` unless given, see `Tier`. */
  readonly tier?: Tier;
  /** Whose rules a Native Client program is judged by; `zerovm` unless given. */
  readonly policy?: NexePolicy;
  /**
   * Each store of a Native Client program is checked: its text, its read-only data and the hole
   * above its heap cannot be written then. Not unless given: it costs time.
   */
  readonly strictMemory?: boolean;
}

/** What a session is to run, and how that is done. */
export interface RunOptions extends SessionOptions {
  /** Ends the session in order; its outcome is then `lost`, interrupted. */
  readonly signal?: AbortSignal;
  /** Where runtimes are looked for and how they are fetched. */
  readonly runtimes?: RuntimeOptions;
  /** Where the cell comes from; without it a new one is started. */
  readonly pool?: CellPool;
  /**
   * Runs the session a second time, which writes nowhere, and compares the two. Where they differ
   * the outcome is `lost` with the cause `verify`.
   */
  readonly verify?: boolean;
  /**
   * A file for all that it takes to run the session again, see `replay`. A session that cannot be
   * repeated leaves none, and a warning.
   */
  readonly record?: string;
  /** Judges everything and stops with the outcome `judged`: nothing is created or started. */
  readonly dryRun?: boolean;
}

/** What is to be frozen, how its initialiser is run, and where the image goes. */
export interface FreezeOptions
  extends Omit<RunOptions, "interactive" | "pool" | "verify" | "record" | "dryRun"> {
  /** The file of the image; one that is there is replaced. */
  readonly output: string;
  /** Name of the initialiser: unless given `wizer.initialize` or, without one, `_initialize`. */
  readonly initialiser?: string;
}
