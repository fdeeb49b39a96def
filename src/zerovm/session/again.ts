/** Sessions that are run a second time, from what was kept of the first. */
import { fstatSync } from "node:fs";
import { ERRNO } from "../../base/index.ts";
import {
  FIRST_CELL_FD,
  type Order,
  type OrderFileSpan,
  type OrderSource,
  renumbered,
} from "../cell/index.ts";
import { type Outcome, type Report, withOutcome } from "../report/index.ts";
import type { Isolation } from "../walls/index.ts";
import { type ChannelsOfTalk, converse, type Talk } from "./converse.ts";
import { Handovers } from "./handovers.ts";
import type { ReportBase } from "./make-report.ts";
import { converseInside } from "./run-inside.ts";

/** A session of which everything is known, the descriptors by their numbers in this process. */
export interface AgainRequest {
  readonly order: Order;
  readonly base: () => ReportBase;
  readonly isolation: Isolation;
  readonly signal: AbortSignal | undefined;
}

/** Runs an order in a new cell. Nothing of the host is changed but through what the order names. */
export async function runAgain(request: AgainRequest): Promise<Report> {
  const { base, signal, isolation } = request;
  const handovers = new Handovers();
  const order = renumbered(request.order, (fd) => handovers.give(fd));
  const common = { order, handovers, opener: NO_CHANNELS, signal, isolation };
  const talk = { ...common, pool: undefined, cell: undefined };
  const said = await (isolation === "none" ? converseInside(talk) : converse(talk));
  return said.report(base());
}

/** Nothing of the host is opened beside what the order names. */
export const NO_CHANNELS: ChannelsOfTalk = { kept: new Set(), pipes: [], cutExtended: () => 0 };

/**
 * The order of a session that is run again and writes nowhere: whoever runs it adds what it takes
 * in, as `replay`. Files that `isKnown` names are read once more instead. All descriptors that it
 * has are needed again.
 */
export function repeatedOrder(order: Order, isKnown: (source: OrderSource) => boolean): Order {
  const { recording: _recording, traceLog: _traceLog, replay: _replay, ...others } = order;
  return {
    ...others,
    channels: order.channels.map((channel) => ({
      ...channel,
      sources: channel.sources.map((source) => (isKnown(source) ? source : replayed(source))),
    })),
  };
}

/** All that a file has now. */
export function wholeSpan(fd: number): OrderFileSpan {
  return { fd, sizeBytes: fstatSync(fd).size };
}

/** An order with another translator for more of its program, or without one. */
export function withTranslator(order: Order, translator: OrderFileSpan | undefined): Order {
  const { nexe } = order;
  if (nexe?.further === undefined) return order;
  const { translator: _other, ...further } = nexe.further;
  const changed = { ...further, ...(translator && { translator }) };
  return { ...order, nexe: { ...nexe, further: changed } };
}

/** Whoever ends a session by the clock of the wall ends the next one elsewhere. */
export function isRepeatable(outcome: Outcome): boolean {
  const isTimed = outcome.kind === "limited" && outcome.limit === "time";
  return (
    outcome.kind === "exited" ||
    outcome.kind === "faulted" ||
    (outcome.kind === "limited" && !isTimed)
  );
}

/** Descriptors of this process that a further run gets as the first one did. */
export function neededAgain(
  talk: Talk,
  isKnown: (source: OrderSource) => boolean,
): ReadonlySet<number> {
  const fds = new Set<number>();
  renumbered(repeatedOrder(talk.order, isKnown), (fd) => {
    fds.add(hostFd(talk, fd));
    return fd;
  });
  return fds;
}

/** What a descriptor of the order is in this process. */
export function hostFd({ handovers }: Talk, cellFd: number): number {
  const place = handovers.places[cellFd - FIRST_CELL_FD];
  return typeof place === "number" ? place : -1;
}

/** The report of a session that another run of it contradicts. */
export function differing(report: Report, message: string, difference: string): Report {
  const outcome: Outcome = { kind: "lost", cause: "verify", message, code: ERRNO.EFAULT };
  return { ...withOutcome(report, outcome), verified: { agrees: false, difference } };
}

function replayed(source: OrderSource): OrderSource {
  if (source.kind === "replayed") return source;
  const interactive = source.kind === "stream" && source.interactive;
  return { kind: "replayed", of: source.kind === "file" ? "file" : "stream", interactive };
}
