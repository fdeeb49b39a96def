/** Runs a session twice and compares all that can be told apart of the two. */
import { closeSync, fstatSync, readSync } from "node:fs";
import { type ByteSource, ERRNO, printable, textOf } from "../../base/index.ts";
import { traceDifference } from "../../zrt/index.ts";
import { FIRST_CELL_FD, type Order, type OrderSource, renumbered } from "../cell/index.ts";
import { type Outcome, type Report, withOutcome } from "../report/index.ts";
import { replayOrder, runAgain } from "./again.ts";
import type { Talk } from "./converse.ts";
import type { ReportBase } from "./make-report.ts";
import { scratchFile } from "./scratch-file.ts";

/** As much of each trace is kept for showing where they differ. */
const TRACE_BYTES_MAX = 256 * 2 ** 20;
/** The second run has all of its code optimised from the start, where the first tiers up. */
const OTHER_TIER = ["--no-liftoff"];

/** A session that is to be run twice. What it keeps is gone with `close`. */
export class Verification {
  /** The first run, which keeps what it takes in. */
  readonly talk: Talk;
  readonly #intake = scratchFile(new Uint8Array(0));
  readonly #logs = [scratchFile(new Uint8Array(0)), scratchFile(new Uint8Array(0))] as const;

  constructor(talk: Talk) {
    const { order, handovers } = talk;
    const recording = {
      fd: handovers.give(this.#intake),
      bytesMax: order.limits.record,
      files: false,
    };
    const traceLog = { fd: handovers.give(this.#logs[0]), bytesMax: TRACE_BYTES_MAX };
    this.talk = {
      ...talk,
      kept: new Set(neededAgain(order).map((fd) => hostFd(talk, fd))),
      order: { ...order, digests: true, recording, traceLog },
    };
  }

  /** Runs the session once more, writing nowhere. @returns the report of both */
  async compare(first: Report, base: () => ReportBase): Promise<Report> {
    if (!isComparable(first.outcome)) return withoutSecond(first);
    const { signal, isolation } = this.talk;
    const order = this.#secondOrder();
    const second = await runAgain({ order, base, signal, isolation, flags: OTHER_TIER });
    const { outcome } = second;
    if (outcome.kind === "lost" && outcome.cause !== "channel") return withOutcome(first, outcome);
    const difference = this.#differenceOf(first, second);
    if (difference === undefined) return { ...first, verified: { agrees: true } };
    return differing(first, difference);
  }

  close(): void {
    for (const fd of [this.#intake, ...this.#logs]) closeSync(fd);
  }

  #secondOrder(): Order {
    const again = replayOrder(this.talk.order, FIRST_CELL_FD, isKnown);
    const mine = renumbered(again, (fd) => hostFd(this.talk, fd));
    const replay = { fd: this.#intake, sizeBytes: fstatSync(this.#intake).size };
    return { ...mine, replay, traceLog: { fd: this.#logs[1], bytesMax: TRACE_BYTES_MAX } };
  }

  #differenceOf(first: Report, second: Report): string | undefined {
    const difference = reportDifference(first, second);
    if (difference === undefined) return undefined;
    const [ours, theirs] = this.#logs;
    const found = traceDifference(fileSource(ours), fileSource(theirs)) ?? difference;
    const changed = changedInputs(first, second);
    return changed.length === 0 ? found : `${found}; ${changed.join(", ")} changed meanwhile`;
  }
}

/** What the second run gets as the first one did. */
function neededAgain({ program, channels, images }: Order): number[] {
  const files = channels.flatMap(({ sources }) => sources.filter(isKnown));
  return [program, ...images, ...files].map(({ fd }) => fd);
}

/** Nothing in the session writes it: it can be read twice. */
function isKnown(source: OrderSource): source is Extract<OrderSource, { kind: "file" }> {
  return source.kind === "file" && source.readAhead;
}

function hostFd({ handovers }: Talk, cellFd: number): number {
  const place = handovers.places[cellFd - FIRST_CELL_FD];
  return typeof place === "number" ? place : -1;
}

/** Whoever ends a session by the clock of the wall ends the next one elsewhere. */
function isComparable(outcome: Outcome): boolean {
  const { kind } = outcome;
  return (
    kind === "exited" || kind === "faulted" || (kind === "limited" && outcome.limit !== "time")
  );
}

function withoutSecond(report: Report): Report {
  const { kind } = report.outcome;
  if (kind !== "limited") return report;
  const warning = "Not verified: where the time limit ends a session differs from run to run";
  return { ...report, warnings: [...report.warnings, warning] };
}

/** The report of a session that another run of it contradicts. */
export function differing(first: Report, difference: string): Report {
  const message = `another run of the session differs: ${difference}`;
  const outcome: Outcome = { kind: "lost", cause: "verify", message, code: ERRNO.EFAULT };
  return { ...withOutcome(first, outcome), verified: { agrees: false, difference } };
}

/** What tells two runs apart; undefined where nothing does. */
export function reportDifference(first: Report, second: Report): string | undefined {
  const [ours, theirs] = [outcomeText(first.outcome), outcomeText(second.outcome)];
  if (ours !== theirs) return `${ours} against ${theirs}`;
  for (const [index, { alias, digest, putBytes }] of first.channels.entries()) {
    const other = second.channels[index];
    if (other?.digest === digest && other?.putBytes === putBytes) continue;
    return `what passed ${printable(textOf(alias))} is not the same`;
  }
  for (const [index, { alias, hex }] of first.etags.entries()) {
    if (second.etags[index]?.hex === hex) continue;
    return `the digest of ${printable(textOf(alias))} is not the same`;
  }
  return first.traceHash === second.traceHash ? undefined : "the trace hash is not the same";
}

/** Channels that gave each run as much, and not the same. */
function changedInputs(first: Report, second: Report): string[] {
  const changed = first.channels.filter(({ digest, getBytes, putBytes }, index) => {
    const other = second.channels[index];
    return putBytes === 0 && other?.getBytes === getBytes && other.digest !== digest;
  });
  return changed.map(({ alias }) => printable(textOf(alias)));
}

function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case "exited":
      return `exit ${outcome.code}`;
    case "faulted":
      return `fault ${outcome.fault} in function ${outcome.functionIndex ?? "?"}`;
    case "limited":
      return `end by the limit ${outcome.limit}`;
    case "lost":
      return `loss (${printable(outcome.message)})`;
    default:
      return outcome.kind;
  }
}

/** A file that a cell wrote, as far as it did. */
function fileSource(fd: number): ByteSource {
  return {
    sizeBytes: fstatSync(fd).size,
    read(offset, into) {
      let done = 0;
      while (done < into.length) {
        const got = readSync(fd, into, done, into.length - done, offset + done);
        if (got === 0) break;
        done += got;
      }
      return done;
    },
  };
}
