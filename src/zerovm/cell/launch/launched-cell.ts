import type { WallName } from "../../walls/index.ts";
import type { OrderChannel } from "../order/index.ts";

/** How the process of a cell is to be made. */
export interface LaunchOptions {
  readonly isWeak?: boolean;
  /** Uses its code before it is locked, so that it is fast from the first session on. */
  readonly isWarm?: boolean;
  /** False where namespaces were tried in vain. */
  readonly hasNamespaces?: boolean;
  /** Walls to leave out, for those who try whether the next one holds. */
  readonly without?: readonly WallName[];
  /** Every function of the guest is optimised before it runs. */
  readonly optimises?: boolean;
  /** Another program of Node in place of the cell, and words for it after the plan. */
  readonly program?: readonly [string, ...string[]];
}

/** A cell whose process is our own child. */
export interface OwnCell extends LaunchedCell {
  readonly pid: number;
}

/** A process that was made, and our ends of what connects us. All of them are ours to close. */
export interface LaunchedCell {
  /** Absent where the process is somebody else's child. */
  readonly pid?: number;
  /** The control socket. */
  readonly control: number;
  /** The kernel kills the cell when this end of a pipe is closed, by us or with us. */
  readonly lifeline: number;
  /** A byte on this pipe asks the session to end. */
  readonly stop: number;
  /** What the process writes to its standard error. */
  readonly words: number;
  readonly hasNamespaces: boolean;
  readonly options: LaunchOptions;
  /** The walls that stand, where the cell is locked already. */
  readonly walls?: readonly WallName[];
  /** What it compiled before its order. */
  readonly compiled?: CompiledModule;
  /** The identity of the guest that waits in it at its point. */
  readonly guest?: string;
}

/** A guest that waits at its point for the order of a session. */
export interface WaitingGuest {
  readonly channels: readonly OrderChannel[];
  /**
   * Of all that it depends on: a session with the same identity ends with it as with a guest of
   * its own. Absent where that cannot be said.
   */
  readonly identity?: string;
}

/** A module that a cell compiled, with the file of it, open for reading. */
export interface CompiledModule {
  /** The same for the same program, prepared in the same way. */
  readonly key: string;
  readonly fd: number;
  readonly sizeBytes: number;
}
