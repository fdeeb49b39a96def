import { closeSync } from "node:fs";
import { type Descriptors, HostIoError, ZvmError } from "../../../base/index.ts";
import { type Continuation, GuestExit } from "../../../zrt/index.ts";
import { uptimeMs } from "../machine/index.ts";
import {
  type Account,
  ANSWER_VERSION,
  type Answer,
  type CellOutcome,
  type CellTimes,
  type CellUsage,
  type FrozenGuest,
  type Order,
  type OrderSource,
} from "../order/index.ts";
import { type Ahead, type Compiled, compile, wholeFile } from "./compiled.ts";
import { cutMessage, outcomeOfError, withWait } from "./ending.ts";
import { canWait, finish, NO_GUARD } from "./finish.ts";
import { Freezer } from "./freezer.ts";
import type { Guard } from "./guarded.ts";
import { type GuestEnd, GuestRun } from "./guest-run.ts";
import { memoryOf } from "./memory-etag.ts";
import { takeNexe } from "./nexe-freezer.ts";
import { buildWorld, renewChannels, type World } from "./world.ts";

/** Time for delivering and closing after the guest's own time is over. */
const CLOSING_MS = 1000;

/** What a run needs besides its order. */
export interface RunSetting {
  readonly guard: Guard;
  /** Called when everything is ready and the guest's time begins; again for a second order. */
  readonly onStart: () => void;
  /** Tells how a guest was prepared, and waits for the order that takes it over. */
  readonly nextOrder?: (account: Account) => Order;
  /** What was made of the program before the order came. */
  readonly ahead?: Ahead;
  /** Why the host has less stack than the limit of the session, where it has. */
  readonly stackShortage?: string | undefined;
  /** The guest asks for its fuel and so ends in time by itself. */
  readonly looksItself?: boolean;
}

/** Runs the guest of an order to its end and says what happened. */
export function runOrder(order: Order, setting: RunSetting): Answer {
  return new OrderRun(order, setting).answer();
}

/** One guest under its order, or under two: one prepares it, the other takes it over. */
class OrderRun {
  readonly #setting: RunSetting;
  readonly #world: World;
  #order: Order;
  #guest: GuestRun | undefined;
  #frozen: FrozenGuest | undefined;
  #startMs: number;
  #compileMs = 0;
  #deadlineMs = 0;
  /** What the process had used when the present order came. */
  #usedBefore: CellUsage = NOTHING_USED;

  constructor(order: Order, setting: RunSetting) {
    this.#order = order;
    this.#setting = setting;
    this.#startMs = uptimeMs();
    // Before the guest starts nothing waits, so the full time is right.
    this.#beginTime();
    const fork = (): Continuation | undefined => this.#reachPoint();
    this.#world = buildWorld(order, { remainingMs: this.#remainingMs, fork });
  }

  answer(): Answer {
    const { guard } = this.#setting;
    const world = this.#world;
    const module = this.#prepare();
    this.#compileMs = uptimeMs() - this.#startMs;
    this.#beginTime();
    const isReady = module instanceof WebAssembly.Module;
    const end = isReady ? this.#run(module) : neverAlive(module);
    const endedMs = uptimeMs();
    // Without a guest nothing was written, and files are as they were found.
    const closingMs = Math.max(CLOSING_MS, this.#remainingMs());
    const finisher = canWait(this.#order) ? guard : NO_GUARD;
    const ended = isReady ? finish(end.outcome, world, finisher, closingMs) : end.outcome;
    const outcome = withWait(ended, world.waitingFor());
    const account = this.#account({ ...end, outcome }, uptimeMs() - endedMs);
    return { ...account, traceHash: world.trace.finish(account.channels) };
  }

  #account(end: GuestEnd, finishMs: number): Account {
    const world = this.#world;
    const times: CellTimes = {
      startMs: this.#startMs,
      aliveAtMs: end.aliveAtMs,
      compileMs: this.#compileMs,
      instantiateMs: end.instantiateMs,
      guestMs: end.guestMs,
      finishMs,
    };
    return {
      version: ANSWER_VERSION,
      outcome: end.outcome,
      channels: world.channels.map((channel) => channel.report()),
      memory: memoryOf(this.#order, end.memory),
      hits: [...new Set([...world.zrt.hits(), ...end.hits])].sort(),
      ...(end.fuelUsed === undefined ? {} : { fuelUsed: end.fuelUsed }),
      denied: world.zrt.denied(),
      warnings: world.zrt.warnings.map(cutMessage),
      ...(this.#frozen !== undefined && { frozen: this.#frozen }),
      usage: usageSince(this.#usedBefore),
      times,
    };
  }

  /** The compiled program; only where there is one, files get the sizes they start with. */
  #prepare(): Compiled {
    const { program } = this.#order;
    const { descriptors } = this.#world;
    const module =
      program.compiled === true ? this.#setting.ahead?.module : compile(program, descriptors);
    if (module === undefined) throw new ZvmError("ZVM_ORDER", "No module was compiled before");
    if (!(module instanceof WebAssembly.Module)) return module;
    try {
      resizeFiles(this.#order, descriptors);
      return module;
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  readonly #remainingMs = (): number => this.#deadlineMs - uptimeMs();

  get #timeoutMs(): number {
    return this.#order.limits.time * 1000;
  }

  #beginTime(): void {
    this.#deadlineMs = uptimeMs() + this.#timeoutMs + CLOSING_MS;
  }

  #run(module: WebAssembly.Module): GuestEnd {
    const { guard, onStart, looksItself, stackShortage, ahead } = this.#setting;
    const { freezes, program } = this.#order;
    const made = program.compiled === true ? ahead?.made : undefined;
    const world = this.#world;
    const freezer = freezes === undefined ? undefined : new Freezer(world, freezes);
    this.#guest = new GuestRun(module, world.zrt, this.#order, {
      guard: looksItself === true ? NO_GUARD : guard,
      // Nothing in our own code asks for fuel.
      locatingGuard: guard,
      read: (span) => wholeFile(world.descriptors, span),
      ...(freezer !== undefined && { freezer }),
      ...(world.image !== undefined && { image: world.image }),
      ...(made !== undefined && { made }),
      stackShortage,
    });
    onStart();
    const ended = this.#guest.run(this.#timeoutMs);
    const { outcome } = ended;
    if (outcome.kind === "exited" && outcome.code === 0) this.#frozen ??= this.#guest.takeFrozen();
    // Too late for the guest: half of what it left would help nobody.
    guard.ignoreInterrupts();
    return ended;
  }

  /** The guest is at its point: it is taken over, or frozen, or goes on where it was frozen. */
  #reachPoint(): Continuation | undefined {
    const { prepares, freezes, nexe } = this.#order;
    if (prepares === true) return this.#takeOver();
    if (freezes === undefined || nexe === undefined || this.#guest === undefined) {
      return this.#world.image === undefined ? undefined : this.#order;
    }
    this.#frozen = takeNexe(this.#world, freezes, nexe, this.#guest.atPoint());
    throw new GuestExit(0);
  }

  /**
   * The guest is at its point: what it did so far is delivered and counted, and it waits for the
   * order that takes it over.
   */
  #takeOver(): Continuation | undefined {
    const { guard, onStart, nextOrder } = this.#setting;
    const guest = this.#guest;
    if (guest === undefined || nextOrder === undefined) return undefined;
    const world = this.#world;
    const end = guest.soFar();
    world.trace.point(world.channels.map((channel) => channel.close()));
    world.recorder?.end();
    world.replay?.end();
    closeSources(this.#order);
    guard.hold();
    const next = nextOrder(this.#account(end, 0));
    this.#order = next;
    this.#startMs = 0;
    this.#compileMs = 0;
    this.#usedBefore = usageSince(NOTHING_USED);
    this.#beginTime();
    resizeFiles(next, renewChannels(world, next, this.#remainingMs));
    onStart();
    guest.beginAnew(next.fuel, this.#timeoutMs);
    guard.extend(this.#timeoutMs);
    return next;
  }
}

/**
 * What images are read from stays open, and what tells where a Native Client program faulted; other
 * programs were compiled long ago. No session may reach what other cells are prepared from.
 */
function closeSources({ program: file, nexe, channels, images, recording, replay }: Order): void {
  const kept = new Set(images.map(({ fd }) => fd));
  const fds = new Set(channels.flatMap(({ sources }) => sources.flatMap(fdOf)));
  const program = nexe === undefined ? file : undefined;
  for (const it of [program, recording, replay]) if (it !== undefined) fds.add(it.fd);
  for (const fd of fds) if (!kept.has(fd)) closeSync(fd);
}

/** What is replayed has no descriptor of its own. */
function fdOf(source: OrderSource): number[] {
  return source.kind === "replayed" ? [] : [source.fd];
}

function neverAlive(outcome: CellOutcome): GuestEnd {
  return { outcome, instantiateMs: 0, aliveAtMs: 0, guestMs: 0, hits: [] };
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

const NOTHING_USED: CellUsage = { userMs: 0, systemMs: 0, residentBytes: 0 };

function usageSince(before: CellUsage): CellUsage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    userMs: userCPUTime / 1000 - before.userMs,
    systemMs: systemCPUTime / 1000 - before.systemMs,
    residentBytes: maxRSS * 1024,
  };
}
