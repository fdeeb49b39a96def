import type { ErrorCode } from "../../base/index.ts";
import type { Finding } from "../manifest/index.ts";

/**
 * What a guest did that ended it: the kinds of WebAssembly traps; `trap` is a call of the sandbox
 * that has no answer.
 */
export type FaultKind =
  | "unreachable"
  | "indirect-call"
  | "table"
  | "division"
  | "conversion"
  | "memory-bounds"
  | "exception"
  | "trap"
  | "other";

/** The limits that end a session; all others answer the guest and are listed as hit. */
export type EndingLimit = "time" | "fuel" | "stack" | "report";

export interface Exited {
  readonly kind: "exited";
  /** What the guest gave to `proc_exit`, as a signed 32-bit number; 0 when `_start` returned. */
  readonly code: number;
}

/** Nothing ran, because nobody asked for it: everything was judged, and it would have begun. */
export interface Judged {
  readonly kind: "judged";
}

export interface Faulted {
  readonly kind: "faulted";
  readonly fault: FaultKind;
  /** The engine's words for it. */
  readonly message: string;
  /** The function that faulted, by its index in the module, when the engine says so. */
  readonly functionIndex?: number;
  /** Of the instruction in the guest's memory, in a Native Client program, where it is known. */
  readonly address?: number;
}

export interface Limited {
  readonly kind: "limited";
  readonly limit: EndingLimit;
  /** The channel that the guest waited for when its time was over. */
  readonly waitingFor?: string;
  /** Its network channels were not connected by then: the guest never began. */
  readonly unconnected?: true;
}

/** Nothing ran and nothing was created: the findings say why, the first decides. */
export interface Refused {
  readonly kind: "refused";
  readonly findings: readonly RefusalFinding[];
}

/** A finding with the error that a user or client sees for it. */
export interface RefusalFinding extends Finding {
  readonly errorCode: ErrorCode;
}

/** The host or the cell failed, or somebody ended the session: not the guest's doing. */
export interface Lost {
  readonly kind: "lost";
  readonly cause: LostCause;
  /** One line for people; a channel's failure has the original's exit state here. */
  readonly message: string;
  /** The exit code the original had for it. */
  readonly code: number;
}

/**
 * `interrupted`: a signal or the caller ended it; `channel`: the host side of a channel broke;
 * `peer`: a session at the other end of a channel was lost, or does not keep to the protocol;
 * `export`: what the guest left could not be written; `host`: the machine is short of something;
 * `cell`: the process died or its answer was malformed; `verify`: a further run of the session
 * differs from it.
 */
export type LostCause = "interrupted" | "channel" | "peer" | "export" | "host" | "cell" | "verify";

/** How a session ended. */
export type Outcome = Exited | Judged | Faulted | Limited | Refused | Lost;

/** Signals that a shell would report for the same fault of a native program. */
const SIGNAL_OF_FAULT: Readonly<Record<FaultKind, number>> = {
  unreachable: 4,
  "indirect-call": 4,
  table: 4,
  exception: 4,
  trap: 4,
  other: 4,
  division: 8,
  conversion: 8,
  "memory-bounds": 11,
};

/** Every kind of fault. */
export const FAULTS: readonly string[] = Object.keys(SIGNAL_OF_FAULT);

export function signalOfFault(fault: FaultKind): number {
  return SIGNAL_OF_FAULT[fault];
}
