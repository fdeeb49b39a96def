/** proc_exit, proc_raise. */
import { ERRNO, type Errno } from "../../base/index.ts";
import type { Guest } from "./guest.ts";

/** Leaves the guest; thrown through its frames to whoever started it. */
export class GuestExit extends Error {
  override readonly name = "GuestExit";
  /** Exit code as a signed 32-bit number. */
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

export function procExit(_guest: Guest, code: number): never {
  throw new GuestExit(code | 0);
}

/** There are no signals: `ENOSYS`, as for the whole family. */
export function procRaise(): Errno {
  return ERRNO.ENOSYS;
}
