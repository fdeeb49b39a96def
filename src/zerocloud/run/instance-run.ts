import { type ErrorCode, ZvmError } from "../../base/index.ts";
import { type Report, withOutcome } from "../../zerovm/report/index.ts";
import type { Instance } from "../plan/index.ts";
import type { InstanceSurroundings, PreparedNode } from "./node-place.ts";
import { closeOutputs, type NodeSession } from "./node-session.ts";
import { Refusal, refused } from "./refusal.ts";
import type { JobRequest } from "./settings.ts";

/** A session that came to its end, with the wall seconds that it took. */
export interface EndedSession {
  readonly session: NodeSession;
  readonly seconds: number;
}

/** What became of an instance; undefined where the job ended before it had a session. */
export type Ended = EndedSession | Refusal | undefined;

type RunSurroundings = Pick<InstanceSurroundings, "signal" | "connected"> &
  Pick<JobRequest, "onProgress">;

/** Runs one instance for which there is a place, and tells of it. */
export async function runInstance(
  opened: PreparedNode,
  instance: Instance,
  { signal, connected, onProgress }: RunSurroundings,
): Promise<Ended> {
  const { node, copy } = instance;
  const startMs = performance.now();
  onProgress?.({ kind: "started", node, copy });
  let exitStatus: number | undefined;
  try {
    const said = await opened.run(instance, {
      signal,
      onErrorText: (bytes) => onProgress?.({ kind: "error-text", node, copy, bytes }),
      ...(connected !== undefined && { connected }),
    });
    const session = signal.aborted ? said : { ...said, report: believed(said.report) };
    exitStatus = session.report.exitStatus;
    return { session, seconds: session.seconds ?? secondsSince(startMs) };
  } catch (error) {
    // Another one, or who asked for the job, has ended it before this one had a session.
    if (signal.aborted && error === signal.reason) return undefined;
    // No cell, or no room for what it writes: it has read nothing.
    return refusalOf(error);
  } finally {
    onProgress?.({ kind: "ended", node, copy, ...(exitStatus !== undefined && { exitStatus }) });
  }
}

/** A cell that says it was interrupted where nobody did that has failed by itself. */
function believed(report: Report): Report {
  const { outcome } = report;
  if (outcome.kind !== "lost" || outcome.cause !== "interrupted") return report;
  const message = "The cell says that it was interrupted, which nobody asked for";
  return withOutcome(report, { ...outcome, cause: "cell", message });
}

export function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}

/** Nothing is kept of what a session wrote. */
export function discard({ session }: EndedSession): void {
  closeOutputs(session);
}

/**
 * Waits for all of them, and gives what they came to. Where one fails by a defect, none of them
 * runs on behind our back, and nothing is kept of what the others wrote.
 */
export async function allEnded(running: readonly Promise<Ended>[]): Promise<readonly Ended[]> {
  const settled = await Promise.allSettled(running);
  const ended = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const defect = settled.find((one) => one.status === "rejected");
  if (defect === undefined) return ended;
  for (const one of ended) if (one !== undefined && !(one instanceof Refusal)) discard(one);
  throw defect.reason;
}

/** Their messages have paths of the host. */
const OF_HOST: ReadonlySet<ErrorCode> = new Set(["ZVM_FILE", "ZVM_DISK_FULL"]);

/** @throws what is a defect of ours */
export function refusalOf(error: unknown): Refusal {
  return refused(error, () => {
    if (!(error instanceof ZvmError)) return String(error);
    // Paths of the host are nobody's business.
    return OF_HOST.has(error.code) ? error.kind.meaning : error.message;
  });
}
