import type { PoolOptions } from "../pool/index.ts";
import type { FileGrant, RunOptions, SessionOptions } from "./options.ts";

/** What a program is prepared with; what a session has of its own comes with `run`. */
export interface PrepareOptions
  extends Omit<SessionOptions, "stdin" | "stdout" | "stderr" | "interactive" | "isolation">,
    Pick<RunOptions, "signal" | "runtimes">,
    Omit<PoolOptions, "size" | "prepare" | "compiled" | "onClose"> {
  /** Cells in which the program waits at any time; 1 unless given. */
  readonly size?: number;
}

/** What a session of a prepared program has of its own. */
export interface PreparedRunOptions
  extends Pick<RunOptions, "stdin" | "stdout" | "stderr" | "timeoutSeconds" | "etag" | "signal"> {
  /** What a read of `/dev/zfork` gives; nothing in them is granted. */
  readonly args?: readonly string[];
  /** Other files in place of those that were granted under the same names. */
  readonly read?: readonly FileGrant[];
  readonly write?: readonly FileGrant[];
}

/** The program of a pool, with what its code depends on: sessions name the same. */
export interface ProgramPoolOptions
  extends Pick<
      RunOptions,
      "program" | "memoryBytes" | "fuel" | "limits" | "tier" | "runtimes" | "signal" | "isolation"
    >,
    Omit<PoolOptions, "prepare" | "compiled" | "onClose" | "isolation" | "tier"> {}
