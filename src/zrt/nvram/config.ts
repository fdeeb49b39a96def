import type { ByteString } from "../../base/index.ts";

/** All that is read of the channel `/dev/nvram`; a longer text is refused. */
export const NVRAM_BYTES_MAX = 10_240;

/** The largest second that the clock can start at. */
export const SECONDS_MAX = 4_294_967_295;

/** How a channel shows itself in `stat`: FIFO, character device or regular file. */
export type MappingMode = "pipe" | "char" | "file";

/** A line of `[mapping]`. */
export interface MappingRecord {
  readonly channel: ByteString;
  readonly mode: MappingMode;
  /** `truncate=yes`: O_TRUNC and ftruncate work as on a file. */
  readonly truncate: boolean;
}

/** A line of `[fstab]`: an image that is mounted at the start, or written at the end. */
export interface MountRecord {
  /** Alias of the channel that holds the archive. */
  readonly channel: ByteString;
  /** Absolute path of a directory of the guest. */
  readonly mountpoint: ByteString;
  /** `ro`: mounted at the start. `wo`: written at the end. */
  readonly access: "ro" | "wo";
  /** `readonly=yes`: the guest cannot change what was mounted (EROFS). */
  readonly readonly: boolean;
  /** Modes and times from the archive, or 0700 and the clock as the original had them. */
  readonly meta: "archive" | "classic";
  /** `removable=yes`: read again after a fork. */
  readonly removable: boolean;
  /** Always `tar`. */
  readonly fsname: ByteString;
}

/** What the text on `/dev/nvram` configures. */
export interface ZrtConfig {
  /** Never empty; the first one is the name of the program. */
  readonly args: readonly ByteString[];
  /** In order; a name may come twice, then the first counts. */
  readonly env: readonly (readonly [ByteString, ByteString])[];
  /** In order. */
  readonly mounts: readonly MountRecord[];
  /** At most one for a channel. */
  readonly mapping: readonly MappingRecord[];
  /** Start of the virtual clock since 1970; absent: not configured. */
  readonly seconds?: number;
  /** 0 silent to 4 everything. */
  readonly verbosity: number;
  /** The point of a program that is prepared is before its start. */
  readonly precache: boolean;
}

/** What holds without `/dev/nvram`. */
export const DEFAULT_CONFIG: ZrtConfig = Object.freeze({
  args: Object.freeze(["stub"]),
  env: Object.freeze([]),
  mounts: Object.freeze([]),
  mapping: Object.freeze([]),
  verbosity: 1,
  precache: false,
});

/** A configuration with everything that is not named as without `/dev/nvram`. */
export function configWith(fields: Partial<ZrtConfig>): ZrtConfig {
  return { ...DEFAULT_CONFIG, ...fields };
}
