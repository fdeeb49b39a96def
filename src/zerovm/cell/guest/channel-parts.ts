import { assert, type Descriptors, textOf } from "../../../base/index.ts";
import {
  type Backend,
  type ChannelOptions,
  type ChannelShape,
  fileBackend,
  isWritable,
  type PendingWrites,
  type SourceName,
  streamBackend,
  wireReader,
  wireWriter,
} from "../../../channels/index.ts";
import {
  crc32,
  hostHash,
  type Recorder,
  type Replay,
  type SourcePlace,
  sealsOf,
  WireSockets,
} from "../machine/index.ts";
import type {
  Order,
  OrderChannel,
  OrderFile,
  OrderPeer,
  OrderSource,
  OrderStream,
} from "../order/index.ts";

/** What the sources of channels are made with: the machine, or what was recorded of one. */
export interface Outside {
  readonly descriptors: Descriptors;
  readonly pending: PendingWrites;
  readonly remainingMs: () => number;
  /** Made with the first wire. */
  readonly sockets: { opened?: WireSockets };
  readonly recorder?: Recorder;
  readonly replay?: Replay;
}

/** What a channel is made or renewed with. */
export interface ChannelParts {
  readonly shape: ChannelShape;
  readonly options: ChannelOptions;
}

/** The parts of all channels of an order, in its order. */
export function channelParts(order: Order, outside: Outside): ChannelParts[] {
  return order.channels.map((channel, index) => partsOf(order, channel, index, outside));
}

function partsOf(
  order: Order,
  channel: OrderChannel,
  index: number,
  outside: Outside,
): ChannelParts {
  const { alias, type, etag, gets, getBytes, puts, putBytes, sizeBytes } = channel;
  const shape = { alias, type, etag, limits: { gets, getBytes, puts, putBytes } };
  const backends = channel.sources.map((source, sourceIndex) => {
    const place = { channel: index, source: sourceIndex, alias, writes: isWritable(shape.limits) };
    return openSource(order, source, { ...place, isOnly: channel.sources.length === 1 }, outside);
  });
  const { hash: hashName, digests: digest = false } = order;
  return { shape, options: { backends, sizeBytes, hashName, hash: hostHash, digest } };
}

function openSource(
  { recording }: Order,
  source: OrderSource,
  { writes, isOnly, ...place }: SourcePlace & Readonly<Record<"writes" | "isOnly", boolean>>,
  outside: Outside,
): Backend {
  if (source.kind === "replayed") {
    assert(outside.replay !== undefined, "an order is judged when it comes");
    return outside.replay.source(source, place);
  }
  const { alias, source: index } = place;
  const common = { source: { alias, index, isOnly }, pending: outside.pending };
  const backend =
    source.kind === "peer"
      ? openWire(source, writes, common, outside)
      : openBackend(source, common, outside.descriptors);
  const isKnown = source.kind === "file" && source.readAhead && recording?.files === false;
  return isKnown || outside.recorder === undefined
    ? backend
    : outside.recorder.source(backend, place);
}

/** A wire has one direction, that of its channel. */
function openWire(
  source: OrderPeer,
  writes: boolean,
  common: SourceParts,
  { remainingMs, sockets }: Outside,
): Backend {
  sockets.opened ??= new WireSockets(remainingMs);
  const wire = sockets.opened.open(source.fd, common.source.alias);
  const sum = source.checked === true ? { crc32 } : {};
  const options = { ...common, wire, peer: textOf(source.name), ...sum, ...sealsOf(source) };
  return writes ? wireWriter(options) : wireReader(options);
}

interface SourceParts {
  readonly source: SourceName;
  readonly pending: PendingWrites;
}

function openBackend(
  source: OrderFile | OrderStream,
  common: SourceParts,
  descriptors: Descriptors,
): Backend {
  if (source.kind === "file") {
    const { readAhead, cut } = source;
    return fileBackend(descriptors, source.fd, { ...common, readAhead, cut });
  }
  const { interactive, writeBehind } = source;
  return streamBackend(descriptors, source.fd, { ...common, interactive, writeBehind });
}
