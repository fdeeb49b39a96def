import { type Descriptors, HostIoError, ZvmError } from "../../base/index.ts";
import {
  ANSWER_VERSION,
  type Answer,
  type CellOutcome,
  type CellTimes,
  type CellUsage,
} from "./answer.ts";
import { cutMessage, outcomeOfCut, outcomeOfError, outcomeOfFinish } from "./ending.ts";
import type { Guard } from "./guarded.ts";
import { type GuestEnd, runGuest } from "./guest-run.ts";
import type { Order } from "./order.ts";
import { hostHash, uptimeMs } from "./real-world.ts";
import { buildWorld, descriptorSource, type World } from "./world.ts";

/** Time for delivering and closing after the guest's own time is over. */
const CLOSING_MS = 1000;

/** What a run needs besides its order. */
export interface RunSetting {
  readonly guard: Guard;
  /** Called when everything is ready and the guest's time begins. */
  readonly onStart: () => void;
}

/** Runs the guest of an order to its end and says what happened. */
export function runOrder(order: Order, { guard, onStart }: RunSetting): Answer {
  const startMs = uptimeMs();
  const timeoutMs = order.limits.time * 1000;
  // Before the guest starts nothing waits, so the full time is right.
  let deadlineMs = startMs + timeoutMs + CLOSING_MS;
  const remainingMs = (): number => deadlineMs - uptimeMs();
  const world = buildWorld(order, remainingMs);
  const module = prepare(order, world);
  const compiledMs = uptimeMs();
  deadlineMs = compiledMs + timeoutMs + CLOSING_MS;
  const isReady = module instanceof WebAssembly.Module;
  const end = isReady ? run(module) : neverAlive(module);
  const endedMs = uptimeMs();
  // Without a guest nothing was written, and files are as they were found.
  const closingMs = Math.max(CLOSING_MS, remainingMs());
  const outcome = isReady ? finish(end.outcome, world, guard, closingMs) : end.outcome;
  const channels = world.channels.map((channel) => channel.report());
  function run(ready: WebAssembly.Module): GuestEnd {
    onStart();
    const ended = runGuest(ready, { zrt: world.zrt, guard, timeoutMs, fuel: order.fuel });
    // Too late for the guest: half of what it left would help nobody.
    guard.ignoreInterrupts();
    return ended;
  }
  const times: CellTimes = {
    startMs,
    aliveAtMs: end.aliveAtMs,
    compileMs: compiledMs - startMs,
    instantiateMs: end.instantiateMs,
    guestMs: end.guestMs,
    finishMs: uptimeMs() - endedMs,
  };
  return {
    version: ANSWER_VERSION,
    outcome,
    channels,
    memory: memoryOf(order, end.memory),
    hits: [...new Set([...world.zrt.hits(), ...end.hits])].sort(),
    ...(end.fuelUsed === undefined ? {} : { fuelUsed: end.fuelUsed }),
    denied: world.zrt.denied(),
    warnings: world.zrt.warnings.map(cutMessage),
    traceHash: world.trace.finish(channels),
    usage: usageOfProcess(),
    times,
  };
}

function neverAlive(outcome: CellOutcome): GuestEnd {
  return { outcome, instantiateMs: 0, aliveAtMs: 0, guestMs: 0, hits: [] };
}

/** Compiles the program and, only then, gives the files the sizes they start with. */
function prepare(order: Order, world: World): WebAssembly.Module | CellOutcome {
  try {
    const { fd, sizeBytes } = order.program;
    const bytes = new Uint8Array(sizeBytes);
    descriptorSource(world.descriptors, fd, sizeBytes).read(0, bytes);
    const module = new WebAssembly.Module(bytes);
    resizeFiles(order, world.descriptors);
    return module;
  } catch (error) {
    if (error instanceof ZvmError && error.code === "ZVM_PROGRAM_REFUSED") {
      return { kind: "refused", message: error.message };
    }
    return outcomeOfError(error);
  }
}

function resizeFiles(order: Order, descriptors: Descriptors): void {
  for (const { sources } of order.channels) {
    for (const source of sources) {
      if (source.kind !== "file") continue;
      for (const sizeBytes of source.resize) resizeFile(descriptors, source.fd, sizeBytes);
    }
  }
}

/** A file system that cannot hold files of the limit's size needs no reservation. */
function resizeFile(descriptors: Descriptors, fd: number, sizeBytes: number): void {
  try {
    descriptors.truncate(fd, sizeBytes);
  } catch (error) {
    if (!(error instanceof HostIoError) || error.code !== "EFBIG") throw error;
  }
}

/**
 * Exports, unless the guest was ended, and closes every channel.
 * @returns the outcome of the guest, or why what it left could not be delivered.
 */
function finish(ran: CellOutcome, world: World, guard: Guard, timeoutMs: number): CellOutcome {
  let outcome = ran;
  const attempt = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      if (outcome.kind === "exited") outcome = outcomeOfFinish(error);
    }
  };
  const deliver = (): void => {
    if (ran.kind === "exited") attempt(() => world.zrt.finish());
    for (const channel of world.channels) attempt(() => channel.close());
    attempt(() => world.recorder?.flush());
  };
  const cut = guard.run(deliver, timeoutMs);
  return cut === undefined || outcome.kind !== "exited" ? outcome : outcomeOfCut(cut);
}

function memoryOf(order: Order, memory: WebAssembly.Memory | undefined): Answer["memory"] {
  const bytes = new Uint8Array(memory?.buffer ?? new ArrayBuffer(0));
  const linearBytes = bytes.length;
  if (!order.memoryEtag) return { linearBytes };
  const hash = hostHash(order.hash);
  // One call of the library takes at most 2 GiB.
  for (let at = 0; at < linearBytes; at += HASH_BYTES_MAX) {
    hash.update(bytes.subarray(at, Math.min(linearBytes, at + HASH_BYTES_MAX)));
  }
  return { linearBytes, etag: hash.digestHex() };
}

const HASH_BYTES_MAX = 2 ** 30;

function usageOfProcess(): CellUsage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    userMs: userCPUTime / 1000,
    systemMs: systemCPUTime / 1000,
    residentBytes: maxRSS * 1024,
  };
}
