import type { ByteString, Descriptors, Hash } from "../../../base/index.ts";
import { Channel, PENDING_BYTES_MAX, PendingWrites } from "../../../channels/index.ts";
import type { NexeImage } from "../../../nacl/frozen/index.ts";
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
} from "../../../zrt/index.ts";
import { loadPoll } from "../../libc/index.ts";
import {
  descriptorSource,
  hostDescriptors,
  hostHash,
  loggedHash,
  Progress,
  Recorder,
  Replay,
  realClock,
  realEntropy,
  smallSha256,
} from "../machine/index.ts";
import type { Order } from "../order/index.ts";
import { channelParts, type Outside } from "./channel-parts.ts";
import { wholeFile } from "./compiled.ts";
import { imageOf } from "./nexe-resume.ts";

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

function waitingFds(order: Order): ReadonlySet<number> {
  const waiting = new Set<number>();
  for (const channel of order.channels) {
    for (const source of channel.sources) {
      if (source.kind === "stream" && source.waits) waiting.add(source.fd);
    }
  }
  return waiting;
}
