import { assert, type ByteString, type Descriptors, type Hash, textOf } from "../../base/index.ts";
import {
  type Backend,
  Channel,
  type ChannelOptions,
  type ChannelShape,
  fileBackend,
  isWritable,
  PENDING_BYTES_MAX,
  PendingWrites,
  streamBackend,
  wireReader,
  wireWriter,
} from "../../channels/index.ts";
import type { NexeImage } from "../../nacl/frozen/index.ts";
import {
  type Clock,
  type Continuation,
  createZrt,
  type Entropy,
  seededEntropy,
  TRACE_BUFFER_BYTES,
  Trace,
  virtualClock,
  type Zrt,
  type ZrtOptions,
} from "../../zrt/index.ts";
import { loadPoll } from "../libc/index.ts";
import { wholeFile } from "./compiled.ts";
import { descriptorSource, hostDescriptors } from "./descriptors.ts";
import type { SourcePlace } from "./intake.ts";
import { loggedHash } from "./logged-hash.ts";
import { imageOf } from "./nexe-resume.ts";
import type {
  Order,
  OrderChannel,
  OrderFile,
  OrderPeer,
  OrderSource,
  OrderStream,
} from "./order.ts";
import { Progress } from "./progress.ts";
import { hostHash, realClock, realEntropy } from "./real-world.ts";
import { Recorder } from "./recorder.ts";
import { Replay } from "./replay.ts";
import { smallSha256 } from "./small-hash.ts";
import { sealsOf } from "./wire-seals.ts";
import { crc32, WireSockets } from "./wire-socket.ts";

/** Sessions of a process follow each other: memory that was used is fast. */
const traceBuffer = new Uint8Array(TRACE_BUFFER_BYTES);
const writeBuffer = new Uint8Array(PENDING_BYTES_MAX);

/** Everything around one guest, made from an order. */
export interface World {
  readonly descriptors: Descriptors;
  readonly channels: readonly Channel[];
  readonly trace: Trace;
  readonly zrt: Zrt;
  /** The channel to another session that the guest waits for, or waited for when it was ended. */
  readonly waitingFor: () => ByteString | undefined;
  /**
   * The guest has ended: whoever waits for another session does this meanwhile, which says whether
   * more of it is left.
   */
  readonly whileEnding: (act: () => boolean) => void;
  readonly recorder?: Recorder;
  readonly replay?: Replay;
  /** How far clock and entropy went, where the guest is to be frozen. */
  readonly progress?: Progress;
  /** Where a Native Client guest goes on from. */
  readonly image?: NexeImage;
}

/** What the sources of channels are made with. */
interface Outside {
  readonly descriptors: Descriptors;
  readonly pending: PendingWrites;
  readonly remainingMs: () => number;
  /** Made with the first wire. */
  readonly sockets: { opened?: WireSockets };
  readonly recorder?: Recorder;
  readonly replay?: Replay;
}

/** What a world is asked for besides its order. */
export interface WorldSetting {
  /** How long transfers may still wait, see `hostDescriptors`. */
  readonly remainingMs: () => number;
  /** See `ZrtOptions`. */
  readonly fork: () => Continuation | undefined;
}

export function buildWorld(order: Order, { remainingMs, fork }: WorldSetting): World {
  const descriptors = descriptorsFor(order, remainingMs);
  const outside = outsideOf(order, descriptors, remainingMs);
  const { recorder, replay } = outside;
  const channels = channelParts(order, outside).map(
    ({ shape, options }) => new Channel(shape, options),
  );
  const trace = new Trace(traceHash(order, descriptors), traceBuffer);
  const image = imageOf(order, (span) => wholeFile(descriptors, span));
  const all = zrtOptions({ ...order, ...image?.state.world }, outside, channels, trace);
  const progress = order.freezes === undefined ? undefined : new Progress(order, all);
  const options = progress === undefined ? all : { ...all, entropy: progress.entropy };
  const forks = image?.state.world.forks ?? [];
  const zrt = createZrt({ ...options, fork, forks });
  return {
    descriptors,
    channels,
    trace,
    zrt,
    waitingFor: () => outside.sockets.opened?.waitingFor,
    whileEnding: (act) => outside.sockets.opened?.doMeanwhile(act),
    ...(recorder !== undefined && { recorder }),
    ...(replay !== undefined && { replay }),
    ...(progress !== undefined && { progress }),
    ...(image !== undefined && { image }),
  };
}

/**
 * Gives the channels of a world, which were closed, the sources of the order that takes it over.
 * @returns descriptors that know which of the new ones wait
 */
export function renewChannels(
  { channels }: World,
  order: Order,
  remainingMs: () => number,
): Descriptors {
  const descriptors = descriptorsFor(order, remainingMs);
  channelParts(order, outsideOf(order, descriptors, remainingMs)).forEach(
    ({ shape, options }, index) => {
      channels[index]?.renew(shape, options);
    },
  );
  return descriptors;
}

function descriptorsFor(order: Order, remainingMs: () => number): Descriptors {
  return hostDescriptors({ waiting: waitingFds(order), loadPoll, remainingMs });
}

function outsideOf(
  { recording, replay }: Order,
  descriptors: Descriptors,
  remainingMs: () => number,
): Outside {
  const pending = new PendingWrites(descriptors, writeBuffer);
  return {
    descriptors,
    pending,
    remainingMs,
    sockets: {},
    ...(recording !== undefined && { recorder: new Recorder(descriptors, recording) }),
    ...(replay !== undefined && {
      replay: new Replay(descriptorSource(descriptors, replay.fd, replay.sizeBytes)),
    }),
  };
}

function traceHash({ traceLog }: Order, descriptors: Descriptors): Hash {
  // Most traces are short, and the library of the host takes some milliseconds to load.
  const hash = smallSha256(hostHash);
  return traceLog === undefined ? hash : loggedHash(hash, descriptors, traceLog);
}

function zrtOptions(
  order: Order,
  outside: Outside,
  channels: readonly Channel[],
  trace: Trace,
): ZrtOptions {
  const { descriptors } = outside;
  const { args, env, preopens, limits } = order;
  return {
    channels,
    args,
    env,
    mapping: new Map(order.mapping.map((record) => [record.channel, record])),
    images: order.images.map((image) => ({
      source: descriptorSource(descriptors, image.fd, image.sizeBytes),
      members: image.members,
      mountpoint: image.mountpoint,
      readonly: image.readonly,
      meta: image.meta,
      isFolder: image.isFolder,
    })),
    exports: order.exports,
    preopens,
    clock:
      order.clock === "real" ? clockOf(outside) : virtualClock(order.clock, order.frozen?.clockNs),
    entropy:
      order.seed === "real"
        ? entropyOf(outside)
        : seededEntropy(order.seed, order.frozen?.entropyBytes),
    limits,
    trace,
  };
}

function clockOf({ recorder, replay }: Outside): Clock {
  if (replay !== undefined) return replay.clock(realClock());
  return recorder === undefined ? realClock() : recorder.clock(realClock());
}

function entropyOf({ recorder, replay }: Outside): Entropy {
  if (replay !== undefined) return replay.entropy(realEntropy());
  return recorder === undefined ? realEntropy() : recorder.entropy(realEntropy());
}

interface ChannelParts {
  readonly shape: ChannelShape;
  readonly options: ChannelOptions;
}

function channelParts(order: Order, outside: Outside): ChannelParts[] {
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
    return openSource(order, source, place, outside);
  });
  const { hash: hashName, digests: digest = false } = order;
  return { shape, options: { backends, sizeBytes, hashName, hash: hostHash, digest } };
}

function openSource(
  { recording }: Order,
  source: OrderSource,
  { writes, ...place }: SourcePlace & { readonly writes: boolean },
  outside: Outside,
): Backend {
  if (source.kind === "replayed") {
    assert(outside.replay !== undefined, "an order is judged when it comes");
    return outside.replay.source(source, place);
  }
  const { alias, source: index } = place;
  const common = { source: { alias, index }, pending: outside.pending };
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
  readonly source: { readonly alias: string; readonly index: number };
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

function waitingFds(order: Order): ReadonlySet<number> {
  const waiting = new Set<number>();
  for (const channel of order.channels) {
    for (const source of channel.sources) {
      if (source.kind === "stream" && source.waits) waiting.add(source.fd);
    }
  }
  return waiting;
}
