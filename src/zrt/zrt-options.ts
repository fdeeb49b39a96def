import type { ByteString, Limits } from "../base/index.ts";
import type { Channel } from "../channels/index.ts";
import type { Clock } from "./clock.ts";
import type { Mapping, Mappings } from "./dev/index.ts";
import type { Entropy } from "./entropy.ts";
import type { Image } from "./fs/index.ts";
import type { Trace } from "./trace/index.ts";

/** What is written to a channel when the session ends. */
export interface Export {
  /** Index of the channel in guest order. */
  readonly channel: number;
  readonly mountpoint: ByteString;
}

/** What the world of a guest is made of. */
export interface ZrtOptions {
  /** In guest order: stdin, stdout, stderr, then by alias. */
  readonly channels: readonly Channel[];
  readonly args: readonly ByteString[];
  readonly env: readonly (readonly [ByteString, ByteString])[];
  /** By alias; a later record of `[mapping]` has won. */
  readonly mapping: Mappings;
  readonly images: readonly Image[];
  readonly exports: readonly Export[];
  /** Guest names of preopened directories beside `/`. */
  readonly preopens: readonly ByteString[];
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly limits: Limits;
  readonly trace: Trace;
  /**
   * Where a guest is prepared: waits at its point for the session that takes it over. Undefined
   * where it cannot be taken over there. Absent where nobody prepares.
   */
  readonly fork?: () => Continuation | undefined;
  /** Descriptors of `/dev/zfork` that a guest has open which goes on; none unless given. */
  readonly forks?: readonly number[];
}

/** What the world of a guest is made with that goes on where another one was frozen. */
export interface ResumedWorld {
  readonly args: readonly ByteString[];
  readonly env: readonly (readonly [ByteString, ByteString])[];
  /** Descriptors of `/dev/zfork` that it has open, in ascending order. */
  readonly forks: readonly number[];
}

/** What a session changes in the world of a guest that it takes over. */
export interface Continuation {
  readonly args: readonly ByteString[];
  /** All of a guest that had not begun; of another one, what is set besides what it has. */
  readonly env: readonly (readonly [ByteString, ByteString])[];
  /** Besides what holds; of several records for a channel the last. */
  readonly mapping: readonly (Mapping & { readonly channel: ByteString })[];
  readonly exports: readonly Export[];
}
