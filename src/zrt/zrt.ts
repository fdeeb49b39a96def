import type { LimitName } from "../base/index.ts";
import type { NaclStart, NaclState } from "./nacl/index.ts";
import type { NexeSpace, TrapCalls } from "./trap/index.ts";
import type { DeniedPath, WasiCalls } from "./wasi/index.ts";
import type { ResumedWorld } from "./zrt-options.ts";

/** All that a nexe guest has in its world, but for files. */
export type ResumedState = NaclState & ResumedWorld;

/** The POSIX world of one guest. */
export interface Zrt {
  /**
   * The import object of the guest that lives here.
   * @param memory gives its linear memory once it is instantiated
   * @param calls those that its instance was made with, where it is there before its world
   */
  wasiImports(memory: () => WebAssembly.Memory, calls?: WasiCalls): WebAssembly.Imports;
  /** The same of a translated Native Client program. */
  trapImports(
    memory: () => WebAssembly.Memory,
    space: NexeSpace,
    calls?: TrapCalls,
  ): WebAssembly.Imports;
  /** Writes what tells a program of Native Client of its arguments, after `trapImports`. */
  startNacl(): NaclStart;
  /** What a guest of `trapImports` has at the moment, for one that goes on there. */
  naclState(): ResumedState;
  /**
   * The point of a guest that has not begun: arguments and environment are those of the session
   * that takes it over. Nothing happens where nobody prepares.
   */
  precache(): void;
  /** Writes the exports, in order; throws `ExportFailure` at the first that cannot be written. */
  finish(): void;
  /**
   * What was thrown out of a call of the guest first: its exit, or why it had to end. It holds
   * whatever the guest did afterwards, because a guest can catch what goes through its frames.
   */
  readonly ending: { readonly isSet: boolean; readonly error: unknown };
  /** Limits that answered the guest. */
  hits(): LimitName[];
  /** What the guest left in its world besides its memory, for people. */
  leftovers(): string[];
  /** Paths that the guest asked for and did not get. */
  denied(): DeniedPath[];
  /** What went wrong while the images were mounted, and calls that were refused, for people. */
  readonly warnings: readonly string[];
}
