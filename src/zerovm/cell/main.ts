/**
 * The process of one session. It locks itself, waits for its order, runs the guest, writes its
 * answer and ends; it opens nothing that a guest could name, and is never used again.
 */
import { closeSync, writeSync } from "node:fs";
import { HostIoError } from "../../base/index.ts";
import { leave, leaveAtOnce, loadPoll, POLL_IN } from "../libc/index.ts";
import {
  CONTROL_FD,
  growStack,
  limitCompiler,
  limitOrder,
  lockCell,
  stackShortage,
  type WallName,
} from "../walls/index.ts";
import {
  type Ahead,
  compileAhead,
  type Guard,
  rehearse,
  runOrder,
  unusedBytes,
  warmUp,
  withSignalGuard,
} from "./guest/index.ts";
import { decodePlan, type LaunchPlan } from "./launch/index.ts";
import {
  type Account,
  encodeAnswer,
  judgeNext,
  type Order,
  type Ready,
  receiveFirstOrder,
  receiveOrder,
  shortAnswer,
  WORD,
  writeFrame,
} from "./order/index.ts";

const STDERR_FD = 2;
/** Status of a cell that found a defect of ours. */
const STATUS_DEFECT = 70;
/** Status of a cell that a signal ended between two pieces of guarded work: as of a shell. */
const STATUS_INTERRUPTED = 130;

function live(guard: Guard): void {
  const plan = decodePlan(process.argv[2]);
  const stackBytes = growStack();
  if (plan.isWarm) warmUp(guard);
  const ready = lock(plan);
  writeFrame(CONTROL_FD, WORD.READY + JSON.stringify(ready));
  if ("missing" in ready) return;
  const limits = ready.walls.includes("rlimits");
  const [order, ahead] = firstOrder(limits, guard);
  // Who launched us ahead may have found that there is nothing to run.
  if (order === undefined) return;
  const limit = (next: Order): void => {
    const isFollowed = next.prepares === true;
    if (limits) limitOrder(next.limits, { isFollowed, heldBytes: unusedBytes(next, ahead) });
  };
  limit(order);
  let current = order;
  const answer = runOrder(order, {
    guard,
    stackShortage: stackShortage(order.limits.stack, stackBytes),
    ...(ahead !== undefined && { ahead }),
    onStart: () => writeFrame(CONTROL_FD, WORD.STARTED),
    nextOrder: (account) => {
      current = waitForSession(order, account);
      limit(current);
      return current;
    },
  });
  endStreams(current);
  writeFrame(CONTROL_FD, WORD.ANSWER + limited(answer, current.limits.report));
  // The kernel takes our memory down for a while: not where somebody else is waited for.
  loadPoll()?.(CONTROL_FD, POLL_IN, LINGER_MS);
}

/** How long whoever has the answer may take to let go of us. */
const LINGER_MS = 100;

/** The order of the session, and what was made before it came. */
function firstOrder(limits: boolean, guard: Guard): [Order | undefined, Ahead?] {
  const first = receiveFirstOrder(CONTROL_FD);
  if (first === undefined || !("module" in first)) return [first];
  if (limits) limitCompiler(first.limits);
  writeFrame(CONTROL_FD, WORD.STARTED);
  const ahead = compileAhead(first);
  const { module } = ahead;
  if (module instanceof WebAssembly.Module) rehearse(first, module, guard);
  closeSync(first.module.fd);
  writeFrame(CONTROL_FD, WORD.WAITING);
  return [receiveOrder(CONTROL_FD), ahead];
}

/**
 * Whoever reads what the guest wrote waits for the end of it. The kernel would bring that only when
 * it has taken down the memory of the guest, which takes tens of milliseconds.
 */
function endStreams({ channels }: Order): void {
  const fds = new Set<number>();
  for (const { sources } of channels) {
    for (const source of sources) {
      if (source.kind === "stream" && source.waits) fds.add(source.fd);
    }
  }
  for (const fd of fds) {
    try {
      closeSync(fd);
    } catch {
      // All was delivered, or the channel has said that it was not.
    }
  }
}

/** The order of the session that takes the guest over. Without one, nothing is left to do. */
function waitForSession(prepared: Order, account: Account): Order {
  writeFrame(CONTROL_FD, WORD.WAITING + limited(account, prepared.limits.report));
  try {
    const next = receiveOrder(CONTROL_FD);
    if (next === undefined) leaveAtOnce(0);
    judgeNext(prepared, next);
    return next;
  } catch (error) {
    // The guest could catch what goes through its frames.
    return defect(error);
  }
}

function lock({ lock: plan, isWeak }: LaunchPlan): Ready {
  const walls: WallName[] = [];
  try {
    lockCell(plan, walls, (reason) => {
      if (!isWeak) throw reason;
    });
  } catch (error) {
    if (!(error instanceof HostIoError)) throw error;
    if (!isWeak) return { missing: error.message };
  }
  return { walls };
}

/** The answer, or a short one that says that it was too long. */
function limited(answer: Account, reportBytes: number): string {
  const text = encodeAnswer(answer);
  if (Buffer.byteLength(text) <= reportBytes) return text;
  return encodeAnswer(shortAnswer(answer));
}

/** A cell that keeps the engine's code of itself is never locked, and ends in order. */
const isKept = process.listenerCount("exit") > 0;

try {
  const status = withSignalGuard(live) ? 0 : STATUS_INTERRUPTED;
  if (isKept) leave(status);
  else leaveAtOnce(status);
} catch (error) {
  defect(error);
}

function defect(error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  writeSync(STDERR_FD, `${text}\n`);
  leaveAtOnce(STATUS_DEFECT);
}
