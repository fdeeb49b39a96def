/** Sessions that are run a second time, from what was kept of the first. */
import { fstatSync } from "node:fs";
import { type Order, type OrderSource, renumbered } from "../cell/index.ts";
import type { Report } from "../report/index.ts";
import type { Isolation } from "../walls/index.ts";
import { type ChannelsOfTalk, converse } from "./converse.ts";
import { Handovers } from "./handovers.ts";
import type { ReportBase } from "./make-report.ts";
import { converseInside } from "./run-inside.ts";

/** A session of which everything is known, the descriptors by their numbers in this process. */
export interface AgainRequest {
  readonly order: Order;
  readonly base: () => ReportBase;
  readonly isolation: Isolation;
  readonly signal: AbortSignal | undefined;
  /** Further flags of the engine. */
  readonly flags?: readonly string[];
}

/** Runs an order in a new cell. Nothing of the host is changed but through what the order names. */
export async function runAgain(request: AgainRequest): Promise<Report> {
  const { base, signal, isolation, flags } = request;
  const handovers = new Handovers();
  const order = renumbered(request.order, (fd) => handovers.give(fd));
  const launch = flags === undefined ? {} : { flags };
  const common = { order, handovers, opener: NO_CHANNELS, signal, isolation };
  const talk = { ...common, pool: undefined, launch };
  const said = await (isolation === "none" ? converseInside(talk) : converse(talk));
  return said.report(base());
}

const NO_CHANNELS: ChannelsOfTalk = { kept: new Set(), pipes: [], cutExtended: () => 0 };

/**
 * The order of a session that takes in what `intakeFd` holds and writes nowhere. Files that
 * `isKnown` names are read once more instead.
 */
export function replayOrder(
  order: Order,
  intakeFd: number,
  isKnown: (source: OrderSource) => boolean,
): Order {
  const { recording: _recording, traceLog: _traceLog, ...others } = order;
  return {
    ...others,
    channels: order.channels.map((channel) => ({
      ...channel,
      sources: channel.sources.map((source) => (isKnown(source) ? source : replayed(source))),
    })),
    replay: { fd: intakeFd, sizeBytes: fstatSync(intakeFd).size },
  };
}

function replayed(source: OrderSource): OrderSource {
  if (source.kind === "replayed") return source;
  const interactive = source.kind === "stream" && source.interactive;
  return { kind: "replayed", of: source.kind, interactive };
}
