/** Runs a session twice and compares all that can be told apart of the two. */
import { closeSync } from "node:fs";
import { printable, textOf } from "../../base/index.ts";
import { type Order, type OrderSource, renumbered } from "../cell/index.ts";
import { differenceOf, expectedOf } from "../record/index.ts";
import { type Report, withOutcome } from "../report/index.ts";
import {
  differing,
  hostFd,
  isRepeatable,
  neededAgain,
  repeatedOrder,
  runAgain,
  wholeSpan,
} from "./again.ts";
import type { Talk } from "./converse.ts";
import type { ReportBase } from "./make-report.ts";
import { scratchFile } from "./scratch-file.ts";
import { firstDifference, TRACE_BYTES_MAX } from "./trace-logs.ts";

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
      kept: neededAgain(talk, isKnown),
      order: { ...order, digests: true, recording, traceLog },
    };
  }

  /** Runs the session once more, writing nowhere. @returns the report of both */
  async settle(first: Report, base: () => ReportBase): Promise<Report> {
    if (!isRepeatable(first.outcome)) return withoutSecond(first);
    const { signal, isolation } = this.talk;
    const order = this.#secondOrder();
    const second = await runAgain({ order, base, signal, isolation });
    const { outcome } = second;
    if (outcome.kind === "lost" && outcome.cause !== "channel") return withOutcome(first, outcome);
    const difference = this.#differenceOf(first, second);
    if (difference === undefined) return { ...first, verified: { agrees: true } };
    return differing(first, `another run of the session differs: ${difference}`, difference);
  }

  close(): void {
    for (const fd of [this.#intake, ...this.#logs]) closeSync(fd);
  }

  #secondOrder(): Order {
    const again = repeatedOrder(this.talk.order, isKnown);
    const mine = inOtherTier(renumbered(again, (fd) => hostFd(this.talk, fd)));
    const replay = wholeSpan(this.#intake);
    return { ...mine, replay, traceLog: { fd: this.#logs[1], bytesMax: TRACE_BYTES_MAX } };
  }

  #differenceOf(first: Report, second: Report): string | undefined {
    const difference = differenceOf(expectedOf(first), expectedOf(second));
    if (difference === undefined) return undefined;
    const found = firstDifference(difference, second.outcome, this.#logs);
    const changed = changedInputs(first, second);
    return changed.length === 0 ? found : `${found}; ${changed.join(", ")} changed meanwhile`;
  }
}

/** One of the runs has all of its code optimised from the start, where the other tiers up. */
function inOtherTier(order: Order): Order {
  return { ...order, tier: order.tier === "optimise" ? "dynamic" : "optimise" };
}

/** Nothing in the session writes it: it can be read twice. */
function isKnown(source: OrderSource): boolean {
  return source.kind === "file" && source.readAhead;
}

function withoutSecond(report: Report): Report {
  if (report.outcome.kind !== "limited") return report;
  const warning = "Not verified: where the time limit ends a session differs from run to run";
  return { ...report, warnings: [...report.warnings, warning] };
}

/** Channels that gave each run as much, and not the same. */
function changedInputs(first: Report, second: Report): string[] {
  const changed = first.channels.filter(({ digest, getBytes, putBytes }, index) => {
    const other = second.channels[index];
    return putBytes === 0 && other?.getBytes === getBytes && other.digest !== digest;
  });
  return changed.map(({ alias }) => printable(textOf(alias)));
}
