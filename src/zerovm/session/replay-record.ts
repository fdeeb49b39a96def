/** Runs a session again, from its record alone. */
import { closeSync, fstatSync, writeSync } from "node:fs";
import {
  type Form,
  judgeValue,
  NAME,
  optional,
  recordOf,
  SIGNAL,
  SWITCH,
  TIMEOUT,
  wordOf,
  ZvmError,
} from "../../base/index.ts";
import { type Order, type OrderChannel, type OrderSource, renumbered } from "../cell/index.ts";
import { closeProgram, examineProgram, openTranslator } from "../program/index.ts";
import { differenceOf, expectedOf, type OpenedRecord, openRecord } from "../record/index.ts";
import type { RefusalFinding, Report } from "../report/index.ts";
import type { Isolation } from "../walls/index.ts";
import { differing, isRepeatable, runAgain, withTranslator } from "./again.ts";
import { canBlock, reasonOf } from "./host-file.ts";
import { HOST_OFFER, NEXE_MEMORY_BYTES, NEXE_OFFER } from "./host-offer.ts";
import { withErrorCodes } from "./judge-session.ts";
import { refusedReport } from "./make-report.ts";
import { scratchFile } from "./scratch-file.ts";
import { firstDifference, TRACE_BYTES_MAX } from "./trace-logs.ts";
import { usedTier } from "./used-tier.ts";

/** What is to be replayed, and how. */
export interface ReplayRequest {
  /** The record, as `record` of a session wrote it. */
  readonly path: string;
  /** Standard output and error of the guest are those of this process; else they go nowhere. */
  readonly showsOutput?: boolean;
  /** In place of the recorded time limit, on a slower machine. */
  readonly timeoutSeconds?: number;
  /** `full` unless given. */
  readonly isolation?: Isolation;
  readonly signal?: AbortSignal;
}

const REQUEST: Form = recordOf<ReplayRequest>({
  path: NAME,
  showsOutput: optional(SWITCH),
  timeoutSeconds: optional(TIMEOUT),
  isolation: optional(wordOf(["full", "weak", "none"])),
  signal: optional(SIGNAL),
});

/**
 * Runs the session of a record without anything of what it was given at first, and compares what
 * comes out. Files that it wrote are not written again.
 *
 * @returns the report; where anything differs the outcome is `lost` with the cause `verify`.
 * @throws ZvmError ZVM_FILE or ZVM_RECORD when the record cannot be read, ZVM_USAGE or ZVM_LIMIT
 *   for a request that cannot be understood
 */
export async function replay(request: ReplayRequest): Promise<Report> {
  judgeValue("replay", request, REQUEST);
  const { path, isolation = "full", signal } = request;
  const startMs = performance.now();
  const record = openRecord(path);
  const fds: number[] = [];
  let translator: ReturnType<typeof openTranslator>;
  const trace = scratchFile(new Uint8Array(0));
  try {
    for (const index of record.files.keys()) fds.push(unpacked(record, index));
    if (record.order.nexe?.further !== undefined) translator = openTranslator();
    const traceLog = { fd: trace, bytesMax: TRACE_BYTES_MAX };
    const order = { ...withTranslator(orderOf(record, fds, request), translator), traceLog };
    const base = () => ({
      wallMs: performance.now() - startMs,
      warnings: [],
      isolation,
      tier: order.tier,
    });
    const refused = judgeProgram(order);
    if (refused !== undefined) return refusedReport(refused, base());
    const report = await runAgain({ order, base, signal, isolation });
    const limitBytes = order.limits.memory;
    const whole = { ...report, memory: { ...report.memory, limitBytes } };
    return compared(record, whole, [fds.at(-1) ?? -1, trace]);
  } finally {
    for (const fd of [...fds, trace]) closeSync(fd);
    if (translator !== undefined) closeSync(translator.fd);
    record.close();
  }
}

/** Whoever made the record need not have judged its program. */
function judgeProgram({ program, limits, nexe }: Order): RefusalFinding[] | undefined {
  const { memory: memoryBytes, table: tableElements } = limits;
  const verdict = examineProgram(`/proc/self/fd/${program.fd}`, {
    memoryBytes: nexe === undefined ? memoryBytes : NEXE_MEMORY_BYTES,
    tableElements,
    ...(nexe === undefined ? HOST_OFFER : NEXE_OFFER),
  });
  if (verdict.kind === "refused") return withErrorCodes(verdict.findings, verdict.code);
  closeProgram(verdict.program);
  return undefined;
}

function compared(
  { expected }: OpenedRecord,
  report: Report,
  traces: readonly [number, number],
): Report {
  const { outcome } = report;
  const isMisfit = outcome.kind === "lost" && outcome.cause === "channel";
  if (!isRepeatable(outcome) && !isMisfit) return report;
  const known = differenceOf(expected, expectedOf(report));
  if (known === undefined) return { ...report, verified: { agrees: true } };
  const difference = firstDifference(known, outcome, traces);
  return differing(report, `the replay differs from the record: ${difference}`, difference);
}

function orderOf({ order }: OpenedRecord, fds: readonly number[], request: ReplayRequest): Order {
  const { timeoutSeconds = order.limits.time, showsOutput = false, isolation = "full" } = request;
  const mine = renumbered(order, (index) => fds[index] ?? -1);
  return {
    ...mine,
    limits: { ...order.limits, time: timeoutSeconds },
    tier: usedTier({ tier: order.tier, isolation }),
    channels: showsOutput ? mine.channels.map(shown) : mine.channels,
  };
}

const OUTPUTS: ReadonlyMap<string, number> = new Map([
  ["/dev/stdout", 1],
  ["/dev/stderr", 2],
]);

/** A standard stream that the guest only writes is shown. */
function shown(channel: OrderChannel): OrderChannel {
  const fd = OUTPUTS.get(channel.alias);
  const [source, ...more] = channel.sources;
  const isStream = source?.kind === "replayed" && source.of === "stream" && more.length === 0;
  if (fd === undefined || !isStream || channel.gets > 0n) return channel;
  const stats = fstatSync(fd);
  const stream: OrderSource = {
    kind: "stream",
    fd,
    interactive: source.interactive,
    writeBehind: stats.isFile(),
    waits: canBlock(stats),
  };
  return { ...channel, sources: [stream] };
}

/** A part of the record as a file of its own, which is gone with its descriptor. */
function unpacked(record: OpenedRecord, index: number): number {
  const fd = scratchFile(new Uint8Array(0));
  try {
    record.read(index, (piece) => {
      for (let done = 0; done < piece.length; ) done += writeSync(fd, piece, done);
    });
    return fd;
  } catch (cause) {
    closeSync(fd);
    if (cause instanceof ZvmError) throw cause;
    const message = `Cannot unpack the record: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
