import type { HashName, LimitName } from "../../base/index.ts";

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

/**
 * What a session is to run and what it may touch. Everything that is not named here does not
 * exist for the guest.
 */
export interface SessionOptions {
  /** Path of a `.wasm`, or the name of a runtime. */
  readonly program: string;
  /** Arguments after the program's name; `@path` grants a file (see `expandArguments`). */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly read?: readonly FileGrant[];
  readonly write?: readonly FileGrant[];
  readonly folders?: readonly FolderGrant[];
  readonly images?: readonly ImageGrant[];
  /** Channels in the form of a manifest line. */
  readonly channels?: readonly string[];
  readonly timeoutSeconds?: number;
  readonly memoryBytes?: number;
  readonly limits?: Readonly<Partial<Record<LimitName, number>>>;
  /** Start of the virtual clock, or the clock of the host. */
  readonly clock?: number | "real";
  /** Seed of the entropy, or the entropy of the host. */
  readonly seed?: bigint | "real";
  /** Digests of all that passes the channels. */
  readonly etag?: HashName;
  /** A terminal gives what is typed, line by line. */
  readonly interactive?: boolean;
}
