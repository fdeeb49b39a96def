import { LIMIT_TABLE, type Limits, STANDARD_LIMITS } from "../../base/index.ts";
import type { Manifest } from "../manifest/index.ts";
import type { Program } from "../program/index.ts";
import type { Isolation } from "../walls/index.ts";

/** The guest that is to be limited, as far as its limits depend on it. */
export interface LimitedGuest {
  readonly program: Pick<Program, "nexe">;
  readonly isolation?: Isolation | undefined;
}

/**
 * The limits of a session: the manifest's, and the standard ones for all that it does not name.
 * @param guest without it, those that are the same for every guest; the stack depends on it
 */
export function limitsOf(manifest: Manifest, guest?: LimitedGuest): Limits {
  return {
    ...STANDARD_LIMITS,
    ...(guest !== undefined && { stack: standardStack(guest) }),
    ...manifest.limits,
    time: manifest.timeoutSeconds,
    memory: manifest.memory.sizeBytes,
  };
}

/** The process of a host has no stack for the calls that Native Client programs make. */
function standardStack({ program, isolation }: LimitedGuest): number {
  const { standard, ofNexe } = LIMIT_TABLE.stack;
  return program.nexe === undefined || isolation === "none" ? standard : ofNexe;
}
