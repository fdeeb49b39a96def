import { type ByteString, ERRNO, HostIoError, textOf } from "../../../base/index.ts";
import { ChannelFailure, PeerFailure } from "../../../channels/index.ts";
import { ExportFailure, NexeFault, type NexeFaultName, TrapAbort } from "../../../zrt/index.ts";
import type { FaultKind, Limited, Lost } from "../../report/index.ts";
import type { CellOutcome } from "../order/index.ts";
import { framesOf } from "./engine-frames.ts";
import type { Cut } from "./guarded.ts";

/** The original's exit code for what ended a session from outside. */
const CODE_SIGNAL = 4;

/**
 * Words of the engine for its traps, as Node 20, 24 and 26 have them; where they differ, both
 * stand here. Tested by a probe of every kind.
 */
const FAULT_WORDS: readonly (readonly [string, FaultKind])[] = [
  ["unreachable", "unreachable"],
  ["function signature mismatch", "indirect-call"],
  ["memory access out of bounds", "memory-bounds"],
  ["data segment", "memory-bounds"],
  ["unaligned access", "memory-bounds"],
  ["table index is out of bounds", "table"],
  ["element segment", "table"],
  ["divide by zero", "division"],
  ["remainder by zero", "division"],
  ["divide result unrepresentable", "division"],
  ["float unrepresentable in integer range", "conversion"],
];

const MESSAGE_MAX = 1000;

/** Messages of the engine quote the names in a module, which are as long as their author likes. */
export function cutMessage(message: string): string {
  return message.length <= MESSAGE_MAX ? message : `${message.slice(0, MESSAGE_MAX)}…`;
}

/**
 * The outcome for what came out of the guest, other than its exit.
 * @param functionCount functions that the guest knows of
 */
export function outcomeOfError(error: unknown, functionCount = 0): CellOutcome {
  if (error instanceof WebAssembly.RuntimeError) return faultOf(error, functionCount);
  if (error instanceof ChannelFailure) return channelLost(error);
  if (error instanceof NexeFault) return nexeFault(error);
  if (error instanceof TrapAbort) return { kind: "faulted", fault: "trap", message: error.message };
  if (error instanceof WebAssembly.CompileError) return notCompiled(error);
  if (error instanceof WebAssembly.LinkError)
    return { kind: "refused", message: cutMessage(error.message) };
  if (isStackOverflow(error)) return { kind: "limited", limit: "stack" };
  if (isGuestException(error)) {
    return { kind: "faulted", fault: "exception", message: "uncaught exception" };
  }
  return lostBy(error);
}

export function outcomeOfCut(cut: Cut): Limited | Lost {
  return cut === "time" ? { kind: "limited", limit: "time" } : interrupted();
}

export function interrupted(): Lost {
  return { kind: "lost", cause: "interrupted", message: "session interrupted", code: CODE_SIGNAL };
}

/** The export failed, or closing a channel did, although the guest ended well. */
export function outcomeOfFinish(error: unknown): Limited | Lost {
  if (error instanceof ChannelFailure) return channelLost(error);
  if (error instanceof HostIoError && error.code === "ETIMEDOUT") return outcomeOfCut("time");
  if (error instanceof ExportFailure) {
    return { kind: "lost", cause: "export", message: cutMessage(error.message), code: ERRNO.EIO };
  }
  return lostBy(error);
}

/** The original had signal 11 for a halt, which is what fills a text behind its end. */
const NEXE_FAULT_KINDS: Readonly<Record<NexeFaultName, FaultKind>> = {
  unknown: "memory-bounds",
  halt: "memory-bounds",
  undefined: "unreachable",
  division: "division",
  unsupported: "other",
  denied: "memory-bounds",
};

function nexeFault({ fault, address, message }: NexeFault): CellOutcome {
  return { kind: "faulted", fault: NEXE_FAULT_KINDS[fault], message, address };
}

function faultOf(error: WebAssembly.RuntimeError, functionCount: number): CellOutcome {
  const { message } = error;
  const fault = FAULT_WORDS.find(([words]) => message.includes(words))?.[1] ?? "other";
  const functionIndex = functionOf(error.stack ?? "", functionCount);
  return {
    kind: "faulted",
    fault,
    message: cutMessage(message),
    ...(functionIndex === undefined ? {} : { functionIndex }),
  };
}

/**
 * The function of the innermost frame that is the guest's own: what the passes added works for the
 * function that called it.
 */
function functionOf(stack: string, functionCount: number): number | undefined {
  return framesOf(stack).find((it) => it.functionIndex < functionCount)?.functionIndex;
}

/** Places are those of the module after the passes, which nobody knows. */
function notCompiled(error: WebAssembly.CompileError): CellOutcome {
  const words = error.message.replace(/^WebAssembly\.Module\(\): /, "").replace(/ @\+\d+$/, "");
  return { kind: "refused", message: cutMessage(words) };
}

/** An end by the time limit, with the channel that the guest waited for by then. */
export function withWait<Outcome extends CellOutcome>(
  outcome: Outcome,
  alias: ByteString | undefined,
): Outcome {
  const isTimed = outcome.kind === "limited" && outcome.limit === "time";
  if (!isTimed || alias === undefined) return outcome;
  return { ...outcome, waitingFor: cutMessage(textOf(alias)) };
}

/** A transfer that ran out of the session's time is the time limit, whatever the channel says. */
function channelLost(error: ChannelFailure): Limited | Lost {
  const { cause, alias } = error;
  if (cause instanceof HostIoError && cause.code === "ETIMEDOUT") {
    return withWait({ kind: "limited", limit: "time" }, alias);
  }
  return {
    kind: "lost",
    cause: error instanceof PeerFailure ? "peer" : "channel",
    message: cutMessage(textOf(error.state)),
    code: error.code,
  };
}

/** What sessions at the other end of a channel are told of one that failed. */
export function reasonForPeers(outcome: CellOutcome): string {
  switch (outcome.kind) {
    case "faulted":
      return `it faulted: ${outcome.message}`;
    case "limited":
      return `its limit of ${outcome.limit} was reached`;
    case "lost":
      return outcome.message;
    default:
      return "it ended before its end";
  }
}

/** Whether the stack of the engine ended before the guest's own account did. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes("call stack");
}

/** `WebAssembly.Exception` is not in the types of every platform we build for. */
function isGuestException(error: unknown): boolean {
  return Object.prototype.toString.call(error) === "[object WebAssembly.Exception]";
}

function lostBy(error: unknown): Lost {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const isHost = error instanceof RangeError || error instanceof HostIoError;
  return {
    kind: "lost",
    cause: isHost ? "host" : "cell",
    message: cutMessage(message),
    code: isHost ? ERRNO.EIO : ERRNO.EFAULT,
  };
}
