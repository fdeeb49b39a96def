import { type ByteString, ERRNO, type HashName, printable } from "../../base/index.ts";
import type { Account, Answer, CellEnd, CellOutcome, Order } from "../cell/index.ts";
import { guestOrder, type Manifest, makeFinding } from "../manifest/index.ts";
import {
  type CellOrigin,
  classicPartOf,
  type EtagRow,
  exitStatusOf,
  type LimitHit,
  type Lost,
  MEMORY_ALIAS,
  type Outcome,
  type RefusalFinding,
  type Report,
  type ReportTimes,
  type Tier,
} from "../report/index.ts";
import type { Isolation, WallName } from "../walls/index.ts";
import { withErrorCodes } from "./judge-session.ts";

/** Hash of the etags where nothing else is said: the original's. */
export const STANDARD_HASH: HashName = "sha1";

const NO_TIMES: ReportTimes = {
  wallMs: 0,
  userMs: 0,
  systemMs: 0,
  orderToGuestMs: 0,
  orderToReportMs: 0,
  cellStartMs: 0,
  compileMs: 0,
  instantiateMs: 0,
  guestMs: 0,
  finishMs: 0,
};

/** What all reports of one session have in common. */
export interface ReportBase {
  /** Absent where the text gave none. */
  readonly manifest?: Manifest;
  readonly wallMs: number;
  readonly warnings: readonly string[];
  readonly isolation: Isolation;
  readonly tier: Tier;
  /** When the order was sent, by the clock that all processes share. */
  readonly sentAtMs?: number;
  /** When its answer had been read. */
  readonly answeredAtMs?: number;
  /** The walls that stood, and where the cell came from; absent where no cell came so far. */
  readonly walls?: readonly WallName[];
  readonly cell?: CellOrigin;
}

/**
 * Nothing ran. Etags that were asked for are those of no bytes, as in the original.
 * @param memoryEtag that of memory where a program was loaded into it.
 */
export function refusedReport(
  findings: readonly RefusalFinding[],
  base: ReportBase,
  memoryEtag?: string,
): Report {
  return unrunReport({ kind: "refused", findings }, base, memoryEtag);
}

/** The same of a session that was only to be judged, and could run. */
export function judgedReport(base: ReportBase, memoryEtag?: string): Report {
  return unrunReport({ kind: "judged" }, base, memoryEtag);
}

function unrunReport(outcome: Outcome, base: ReportBase, memoryEtag?: string): Report {
  const { manifest } = base;
  const report = reportOf(outcome, base);
  return manifest === undefined ? report : { ...report, etags: unrunEtags(manifest, memoryEtag) };
}

/** The same of a session that ended before its guest began, but not for what it is. */
export function unstartedReport(outcome: Outcome, base: ReportBase): Report {
  return unrunReport(outcome, base);
}

/** The cell gave no account: only the outcome is known. */
export function bareReport(outcome: Outcome, base: ReportBase): Report {
  return reportOf(outcome, base);
}

/** By the clock that all processes share; 0 where one of the two moments is not known. */
function sinceOrder(atMs: number | undefined, { sentAtMs }: ReportBase): number {
  return atMs === undefined || sentAtMs === undefined ? 0 : Math.max(0, atMs - sentAtMs);
}

/** The report of a session whose cell answered. */
export function answeredReport(answer: Answer, order: Order, base: ReportBase): Report {
  return accountedReport(answer, order, base, answer.traceHash);
}

/** The report of a session whose guest waits at its point for others: its trace goes on there. */
export function waitingReport(account: Account, order: Order, base: ReportBase): Report {
  const report = accountedReport(account, order, base);
  return { ...report, classic: { ...report.classic, daemon: 1 } };
}

function accountedReport(
  answer: Account,
  order: Order,
  base: ReportBase,
  traceHash?: string,
): Report {
  const outcome = outcomeOf(answer.outcome, base.manifest?.program ?? "The program");
  const { userMs, systemMs, residentBytes } = answer.usage;
  const { startMs, aliveAtMs, compileMs, instantiateMs, guestMs, finishMs } = answer.times;
  const shared = reportOf(outcome, base);
  return {
    ...shared,
    times: {
      wallMs: base.wallMs,
      userMs,
      systemMs,
      orderToGuestMs: sinceOrder(aliveAtMs === 0 ? undefined : aliveAtMs, base),
      orderToReportMs: sinceOrder(base.answeredAtMs, base),
      cellStartMs: startMs,
      compileMs,
      instantiateMs,
      guestMs,
      finishMs,
    },
    memory: {
      linearBytes: answer.memory.linearBytes,
      limitBytes: shared.memory.limitBytes,
      residentBytes,
    },
    channels: answer.channels,
    etags: etagsOf(answer, order),
    hits: hitsOf(answer),
    ...(answer.fuelUsed === undefined
      ? {}
      : { fuel: { used: answer.fuelUsed, limit: order.fuel ?? 0n } }),
    warnings: [...base.warnings, ...answer.warnings],
    ...(outcome.kind === "refused" || traceHash === undefined ? {} : { traceHash }),
    interactive: answer.channels.some(({ interactive }) => interactive),
    granted: { clock: order.clock === "real", entropy: order.seed === "real" },
    denied: answer.denied,
  };
}

function reportOf(outcome: Outcome, base: ReportBase): Report {
  const { manifest, wallMs, warnings } = base;
  return {
    version: 1,
    outcome,
    exitStatus: exitStatusOf(outcome),
    classic: classicPartOf(outcome),
    times: { ...NO_TIMES, wallMs },
    memory: { linearBytes: 0, limitBytes: manifest?.memory.sizeBytes ?? 0, residentBytes: 0 },
    channels: [],
    etags: [],
    hits: [],
    warnings,
    walls: base.walls ?? [],
    isolation: base.isolation,
    ...(base.cell !== undefined && { cell: base.cell }),
    tier: base.tier,
    interactive: false,
    denied: [],
    granted: { clock: manifest?.clock === "real", entropy: manifest?.seed === "real" },
  };
}

/** The engine looks at code that the host did not look at: its refusal is a finding like others. */
function outcomeOf(outcome: CellOutcome, program: string): Outcome {
  if (outcome.kind !== "refused") return outcome;
  const finding = makeFinding({
    stage: "module",
    code: CODE_NO_EXECUTABLE,
    state: "validation failed",
    message: `${program} is no valid module: ${printable(outcome.message)}`,
    hint: "Build or download the program again",
  });
  return { kind: "refused", findings: withErrorCodes([finding]) };
}

const CODE_NO_EXECUTABLE = 8;

/** Closed by default: a cell without the wall that always has to stand takes no order. */
export function unwalledReport(missing: string, base: ReportBase): Report {
  const finding = makeFinding({
    stage: "defence",
    code: ERRNO.EFAULT,
    state: "cannot build the sandbox",
    message: `A wall that always has to stand cannot be built: ${missing}`,
    hint: "zerovm doctor shows what is missing; --isolation=weak runs without",
  });
  return refusedReport([{ ...finding, errorCode: "ZVM_ISOLATION" }], base);
}

/** In the order in which the original closes channels, then memory. */
function etagsOf(answer: Account, order: Order): EtagRow[] {
  const rows = closingOrder(order.channels, ({ sources, puts }) => {
    return { isNetwork: sources.some(({ kind }) => kind === "peer"), writes: puts > 0n };
  }).flatMap(({ alias }): EtagRow[] => {
    const etag = answer.channels.find((channel) => channel.alias === alias)?.etag;
    return etag === undefined ? [] : [{ alias, hex: etag }];
  });
  const { etag } = answer.memory;
  return etag === undefined ? rows : [...rows, { alias: MEMORY_ALIAS, hex: etag }];
}

/** Local channels as they come, then network channels: first written ones, then read ones. */
function closingOrder<Channel>(
  channels: readonly Channel[],
  kindOf: (channel: Channel) => { readonly isNetwork: boolean; readonly writes: boolean },
): Channel[] {
  const rank = (channel: Channel): number => {
    const { isNetwork, writes } = kindOf(channel);
    if (!isNetwork) return 0;
    return writes ? 1 : 2;
  };
  return [...channels].sort((one, other) => rank(one) - rank(other));
}

function unrunEtags(manifest: Manifest, memoryEtag?: string): EtagRow[] {
  const closed = closingOrder(guestOrder(manifest.channels), ({ sources, limits }) => {
    return { isNetwork: sources.some(({ kind }) => kind === "network"), writes: limits.puts > 0n };
  });
  const tagged = closed.filter(({ etag }) => etag);
  const aliases: ByteString[] = tagged.map(({ alias }) => alias);
  if (manifest.memory.etag) aliases.push(MEMORY_ALIAS);
  if (aliases.length === 0) return [];
  const { createHash } = process.getBuiltinModule("node:crypto");
  const empty = createHash(manifest.etag ?? STANDARD_HASH).digest("hex");
  return aliases.map((alias) => {
    return { alias, hex: (alias === MEMORY_ALIAS ? memoryEtag : undefined) ?? empty };
  });
}

function hitsOf(answer: Account): LimitHit[] {
  const ofChannels = answer.channels.flatMap(({ alias, hit }) => {
    return hit.map((limit) => ({ limit, channel: alias }));
  });
  return [...ofChannels, ...answer.hits.map((limit) => ({ limit }))];
}

const CODE_SIGNAL = 4;
const CODE_FAULT = 14;

/** Signals that somebody sends to end a session. */
const ENDING_SIGNALS: ReadonlySet<string> = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);

export function interruptedOutcome(): Lost {
  return { kind: "lost", cause: "interrupted", message: "session interrupted", code: CODE_SIGNAL };
}

/** Why a cell ended without an answer that can be used. */
export function lostCell(end: CellEnd, defect?: string): Lost {
  if (end.signal !== undefined && ENDING_SIGNALS.has(end.signal)) return interruptedOutcome();
  if (end.hostFailure !== undefined) {
    return { kind: "lost", cause: "host", message: end.hostFailure, code: ERRNO.EIO };
  }
  const message = defect ?? end.defect ?? causeOfDeath(end);
  return { kind: "lost", cause: "cell", message, code: CODE_FAULT };
}

/** What `unshare` says where the process in it was killed, and it cannot end by the same signal. */
const KILLED_INSIDE = /^unshare: sigprocmask unblock failed/m;

function causeOfDeath({ signal, status, lastWords }: CellEnd): string {
  if (KILLED_INSIDE.test(lastWords)) return "The cell was killed, by hand or for want of memory";
  const how = signal === undefined ? `with status ${status ?? 0}` : `by ${signal}`;
  const words = lastWords.trim().split("\n");
  const said = words.find((line) => /^(?:\w*error\b|fatal)/i.test(line)) ?? words.at(-1) ?? "";
  return said === "" ? `The cell ended ${how}` : `The cell ended ${how}: ${said.trim()}`;
}
