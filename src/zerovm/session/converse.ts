/** The talk with one cell: its order, its time, its answer, and what stands when it is silent. */
import { ZvmError } from "../../base/index.ts";
import {
  type Account,
  ANSWER_BYTES_MIN,
  type Answer,
  type Cell,
  type CellEnd,
  channelDifference,
  encodeMembers,
  encodeOrder,
  type FrozenGuest,
  type LaunchOptions,
  LOCATING_MS_MIN,
  type Order,
  parseAccount,
  parseAnswer,
  type RunningCell,
  sharedMs,
  startCell,
} from "../cell/index.ts";
import type { CellPool } from "../pool/index.ts";
import type { CellOrigin, Limited, Lost, Outcome, Report } from "../report/index.ts";
import type { Isolation } from "../walls/index.ts";
import type { Handovers } from "./handovers.ts";
import {
  answeredReport,
  bareReport,
  interruptedOutcome,
  lostCell,
  type ReportBase,
  unwalledReport,
  waitingReport,
} from "./make-report.ts";
import type { ChannelOpener } from "./open-channels.ts";
import { connectPipes } from "./pipes.ts";
import { armTimer, type Timer } from "./timer.ts";

export interface Talk {
  readonly order: Order;
  readonly handovers: Handovers;
  readonly opener: ChannelsOfTalk;
  /** Descriptors of ours that stay open for whoever needs them after the cell. */
  readonly kept?: ReadonlySet<number>;
  readonly signal: AbortSignal | undefined;
  readonly isolation: Isolation;
  /** The module asks for its fuel, in this process: nobody watches the clock beside it. */
  readonly looksItself?: boolean;
  /** The guest waits for this order at its point, in the cell that this process has ahead. */
  readonly continues?: boolean;
  readonly pool: CellPool | undefined;
  /** A cell of the caller, in place of one of the pool. */
  readonly cell: Cell | undefined;
  /** Told when a cell has copies of all descriptors. */
  readonly onSent?: (() => void) | undefined;
}

/** What of the channels is needed while a cell runs. */
export type ChannelsOfTalk = Pick<ChannelOpener, "kept" | "pipes" | "cutExtended">;

export interface Said {
  /** The guest's time began: files may have been changed. */
  readonly started: boolean;
  /** The guest is at its point, and waits there for a second order. */
  readonly waits?: true;
  /** What is left of the guest, where the order asked for it. */
  readonly frozen?: FrozenGuest;
  report(base: ReportBase): Report;
}

/** What a cell may take from its start to the guest's, compiling included. */
const START_MS_MAX = 120_000;
/** What a cell may take to end in order once its time is over. */
const GRACE_MS = 2000;

export async function converse(talk: Talk): Promise<Said> {
  if (talk.signal?.aborted === true) return silent(interruptedOutcome());
  const pooled = talk.cell ?? (await takeUnlessAborted(talk));
  if (pooled === "aborted") return silent(interruptedOutcome());
  const hadGuest = talk.continues === true || pooled?.prepared !== undefined;
  const watch = new Watch(talk.order);
  const cell = startCell({
    order: encodeOrder(talk.order),
    blocks: talk.order.images.map(({ members }) => encodeMembers(members)),
    handovers: talk.handovers.places,
    answerBytesMax: Math.max(talk.order.limits.report, ANSWER_BYTES_MIN),
    // The cell has copies; a pipe that we kept open would never end for whoever is behind it.
    onSent: (sentAtMs) => {
      watch.sentAtMs = sentAtMs;
      talk.handovers.release(keptOf(talk));
      talk.onSent?.();
    },
    onStart: () => watch.guestStarted(),
    ...(pooled !== undefined && { cell: pooled }),
    ...(talk.order.prepares === true && { prepares: true }),
    ...(talk.continues === true && { continues: true }),
    ...launchOf(talk),
  });
  const stop = watch.over(cell, talk.signal);
  try {
    const settled = connectPipes(talk.opener.pipes, cell, (lost) => watch.streamBroke(lost));
    const end = await cell.end;
    const said = heard(talk, watch, end, await settled);
    const origin = originOf(talk.order, end, hadGuest);
    return { ...said, report: (base) => said.report({ ...base, cell: origin }) };
  } finally {
    stop();
  }
}

function keptOf({ opener, kept = new Set() }: Talk): ReadonlySet<number> {
  return new Set([...opener.kept, ...kept]);
}

/** How a cell of its own has to be made; any will do where nothing is said. */
function launchOf({ isolation, order }: Talk): { launch?: LaunchOptions } {
  const isWeak = isolation === "weak";
  const optimises = order.tier === "optimise";
  return isWeak || optimises ? { launch: { isWeak, optimises } } : {};
}

/** Who waits for a cell may hear that none is needed any more. */
async function takeUnlessAborted(talk: Talk): Promise<Cell | undefined | "aborted"> {
  try {
    return await takePrepared(talk);
  } catch (error) {
    if (talk.signal?.aborted !== true || error !== talk.signal.reason) throw error;
    return "aborted";
  }
}

/** A cell of the pool; one in which a guest waits must have been prepared for such channels. */
async function takePrepared({ pool, order, signal }: Talk): Promise<Cell | undefined> {
  // Cells of another tier cannot change theirs.
  const cell =
    pool?.optimises === (order.tier === "optimise") ? await pool.take(signal) : undefined;
  if (cell?.prepared === undefined) return cell;
  const difference = channelDifference(cell.prepared.channels, order.channels);
  if (difference === undefined) return cell;
  pool?.giveBack(cell);
  const message = `The prepared program cannot go on with other channels: ${difference}`;
  throw new ZvmError("ZVM_POOL", message);
}

function originOf({ program }: Order, { isWarm }: CellEnd, hadGuest: boolean): CellOrigin {
  if (hadGuest) return "prepared";
  if (program.compiled === true) return "compiled";
  return isWarm ? "warm" : "new";
}

function silent(outcome: Outcome): Said {
  return { started: false, report: (base) => bareReport(outcome, base) };
}

function heard(talk: Talk, watch: Watch, end: CellEnd, isDelivered: boolean): Said {
  const { started } = watch;
  const { order, opener } = talk;
  const { walls, missingWall } = end;
  const sent = watch.sentAtMs === undefined ? {} : { sentAtMs: watch.sentAtMs };
  if (missingWall !== undefined) {
    return { started, report: (base) => unwalledReport(missingWall, base) };
  }
  let defect: string | undefined;
  if (end.account !== undefined) {
    const account = readOrDefect(() => parseAccount(end.account ?? "", order));
    if (typeof account !== "string") {
      const report = (base: ReportBase): Report =>
        waitingReport(account, order, { ...base, ...sent, walls });
      return { started, waits: true, report };
    }
    defect = `The cell sent a malformed account: ${account}`;
  }
  if (end.answer !== undefined && end.defect === undefined) {
    const text = end.answer;
    const read = readOrDefect(() => parseAnswer(text, order));
    if (typeof read !== "string") {
      const answeredAtMs = sharedMs();
      const answer = corrected(read, watch.broken ?? (isDelivered ? undefined : watch.verdict));
      return {
        started,
        ...(read.frozen !== undefined && { frozen: read.frozen }),
        report: (base) => answeredReport(answer, order, { ...base, ...sent, answeredAtMs, walls }),
      };
    }
    defect = `The cell sent a malformed answer: ${read}`;
  }
  // A cell that had no guest yet when it was asked to end just ends.
  const asked = end.answer === undefined && end.defect === undefined ? watch.asked : undefined;
  const outcome = watch.broken ?? watch.verdict ?? asked ?? lostCell(end, defect);
  const kept = opener.cutExtended(started);
  const notes = started ? ["The cell gave no account: channels and etags are unknown"] : [];
  if (kept > 0) notes.push(`${kept} written files keep the size they were extended to`);
  return {
    started,
    report: (base) =>
      bareReport(outcome, { ...base, walls, warnings: [...base.warnings, ...notes] }),
  };
}

/** Who ran the guest cannot know that what it wrote never arrived, or why it was interrupted. */
export function corrected(answer: Answer, outcome: Limited | Lost | undefined): Answer {
  const { kind } = answer.outcome;
  return outcome === undefined || (kind !== "exited" && kind !== "lost")
    ? answer
    : { ...answer, outcome };
}

/** What a cell said, or what is wrong with it. */
function readOrDefect<Said extends Account>(read: () => Said): Said | string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    return error.message;
  }
}

/** The host's own clock over a cell, which it does not trust to end in time. */
class Watch {
  /** The guest's time, with that for the place where a Native Client program faulted. */
  readonly #timeoutMs: number;
  #timer: Timer | undefined;
  #cell: RunningCell | undefined;
  #isEnding = false;
  started = false;
  sentAtMs: number | undefined;
  /** How the session ended when we ended it. */
  verdict: Limited | Lost | undefined;
  /** Why we asked the session to end in order. */
  asked: Lost | undefined;
  /** A stream of the caller broke: whatever the cell says, the session is lost. */
  broken: Lost | undefined;

  constructor({ limits, nexe }: Pick<Order, "limits" | "nexe">) {
    const locatingMs = nexe === undefined ? 0 : LOCATING_MS_MIN;
    this.#timeoutMs = limits.time * 1000 + locatingMs;
  }

  guestStarted(): void {
    this.started = true;
    if (this.#isEnding) return;
    this.#arm(this.#timeoutMs + GRACE_MS, { kind: "limited", limit: "time" });
  }

  /** @returns a function that ends the watch. */
  over(cell: RunningCell, signal: AbortSignal | undefined): () => void {
    this.#cell = cell;
    const message = `The cell did not start within ${START_MS_MAX / 1000} s`;
    this.#arm(START_MS_MAX, { kind: "lost", cause: "cell", message, code: CODE_TIME });
    const abort = (): void => this.#end(interruptedOutcome());
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
    return () => {
      this.#timer?.cancel();
      signal?.removeEventListener("abort", abort);
    };
  }

  /** Ends the session in order: nobody could use what the guest still does. */
  streamBroke(lost: Lost): void {
    this.broken ??= lost;
    this.#end(lost);
  }

  #end(verdict: Lost): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.asked = verdict;
    this.#cell?.interrupt();
    this.#arm(GRACE_MS, verdict);
  }

  #arm(delayMs: number, verdict: Limited | Lost): void {
    this.#timer?.cancel();
    this.#timer = armTimer(delayMs, () => {
      this.verdict = verdict;
      this.#cell?.kill();
    });
  }
}

const CODE_TIME = 4;
