import type { HashName, LimitName } from "../../base/index.ts";
import { assert } from "../../base/index.ts";
import type { ChannelShape, ChannelType } from "../../channels/index.ts";

/** The one manifest version there ever was. */
export const MANIFEST_VERSION = "20130611";

/** A manifest of this many bytes or more is refused; the original ran off its buffer here. */
export const MANIFEST_BYTES_MAX = 524_287;

/** Lines that are read one by one; all that follows is one single line. */
export const MANIFEST_LINES_MAX = 8191;

/** Fields of a `Channel` line. */
export const CHANNEL_FIELDS = 8;

/** Sources of one channel; a further `;` stays part of the last one. */
export const SOURCES_MAX = 16;

/** Channels of one session: what the largest name-server packet has room for. */
export const CHANNELS_MAX = 10_914;

/** Bytes of the value of `Job`: a Unix socket path. */
export const JOB_BYTES_MAX = 108;

/** The largest `Memory`: all that 32 bits can address. */
export const MEMORY_BYTES_MAX = 2 ** 32;

/** The largest channel limit. */
export const CHANNEL_LIMIT_MAX = 2n ** 63n - 1n;

/** The largest `Clock`, in seconds since 1970. */
export const CLOCK_SECONDS_MAX = 2 ** 32 - 1;

/** The largest `Fuel`. */
export const FUEL_MAX = 2n ** 63n - 1n;

/** The largest `Seed`. */
export const SEED_MAX = 2n ** 64n - 1n;

/** Every keyword, in the order of the original's table; the last five are ours. */
export const KEYWORDS = [
  "Channel",
  "Version",
  "Program",
  "Memory",
  "Timeout",
  "NameServer",
  "Node",
  "Job",
  "Etag",
  "Fuel",
  "Clock",
  "Seed",
  "Limit",
  "Key",
] as const;

export type Keyword = (typeof KEYWORDS)[number];

/** Where something stands in the text: 1-based, columns in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type NetworkHost =
  /** An IPv4 address, dotted, or an IPv6 address, without its brackets. */
  | { readonly kind: "address"; readonly address: string }
  /**
   * A node of the name server; without one a raw IPv4 address for a writer, and nothing for a
   * reader. 0 where the text named none.
   */
  | { readonly kind: "node"; readonly id: number };

export type NetworkProtocol = "tcp" | "udp" | "ipc" | "inproc" | "pgm" | "epgm";

export interface NetworkSource {
  readonly kind: "network";
  readonly protocol: NetworkProtocol;
  readonly host: NetworkHost;
  /** 0: any free port for a reader, the name server's answer for a writer. */
  readonly port: number;
  /** The source as it was written. */
  readonly text: string;
}

/** A file, device or pipe of the host, by its absolute path. */
export interface PathSource {
  readonly kind: "path";
  readonly path: string;
}

export type Source = PathSource | NetworkSource;

/**
 * A channel as it was declared. Unlike in a `ChannelShape`, the type may be any number: it is
 * judged with the rest of the mount stage, after the program, as the original did.
 */
export interface ChannelDeclaration extends Omit<ChannelShape, "type"> {
  readonly type: number;
  readonly sources: readonly Source[];
  /** 1-based line of the manifest text; absent in a manifest that was built. */
  readonly line?: number;
  /** Columns of the eight fields in that line. */
  readonly columns?: readonly number[];
}

/**
 * Everything that one session may touch. Frozen; `zerovm run` builds the same value that the
 * text gives.
 */
export interface Manifest {
  /** Path of the program on the host. */
  readonly program: string;
  readonly memory: { readonly sizeBytes: number; readonly etag: boolean };
  readonly timeoutSeconds: number;
  readonly channels: readonly ChannelDeclaration[];
  readonly node?: number;
  readonly nameServer?: Source;
  /** Path of the Unix socket of the daemon. */
  readonly job?: string;
  readonly etag?: HashName;
  /** Counted instructions; absent: no limit. */
  readonly fuel?: bigint;
  /** Start of the virtual clock in seconds since 1970, or the host's clock. */
  readonly clock: number | "real";
  /** Seed of the guest's entropy, or the host's entropy. */
  readonly seed: bigint | "real";
  /** Limits other than the standard ones; `time` and `memory` are in the fields above. */
  readonly limits: Readonly<Partial<Record<LimitName, number>>>;
  /** Path of a file with the key that all sessions of a job share, for network channels. */
  readonly key?: string;
  /** Where the keywords stood; absent in a manifest that was built. */
  readonly places?: Readonly<Partial<Record<Keyword, Place>>>;
}

export function isChannelType(type: number): type is ChannelType {
  return type === 0 || type === 1 || type === 2 || type === 3;
}

/** The shape of a judged declaration, without its sources. A type out of range is our bug. */
export function channelShape(declaration: ChannelDeclaration): ChannelShape {
  const { alias, type, etag, limits } = declaration;
  assert(isChannelType(type), "channel types are judged before channels are opened");
  return { alias, type, etag, limits };
}
