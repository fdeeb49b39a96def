import type { ByteSource, Descriptors } from "../../base/index.ts";
import {
  type Backend,
  Channel,
  type ChannelOptions,
  type ChannelShape,
  fileBackend,
  PendingWrites,
  streamBackend,
} from "../../channels/index.ts";
import {
  type Continuation,
  createZrt,
  seededEntropy,
  Trace,
  virtualClock,
  type Zrt,
  type ZrtOptions,
} from "../../zrt/index.ts";
import { loadPoll } from "../libc/index.ts";
import { hostDescriptors } from "./descriptors.ts";
import type { Order, OrderChannel, OrderSource } from "./order.ts";
import { hostHash, realClock, realEntropy } from "./real-world.ts";
import { smallSha256 } from "./small-hash.ts";

/** Everything around one guest, made from an order. */
export interface World {
  readonly descriptors: Descriptors;
  readonly channels: readonly Channel[];
  readonly trace: Trace;
  readonly zrt: Zrt;
}

/** What a world is asked for besides its order. */
export interface WorldSetting {
  /** How long transfers may still wait, see `hostDescriptors`. */
  readonly remainingMs: () => number;
  /** See `ZrtOptions`. */
  readonly fork?: () => Continuation | undefined;
}

export function buildWorld(order: Order, { remainingMs, fork }: WorldSetting): World {
  const descriptors = descriptorsFor(order, remainingMs);
  const channels = channelParts(order, descriptors).map(
    ({ shape, options }) => new Channel(shape, options),
  );
  // Most traces are short, and the library of the host takes some milliseconds to load.
  const trace = new Trace(smallSha256(hostHash));
  const options = zrtOptions(order, descriptors, channels, trace);
  const zrt = createZrt(fork === undefined ? options : { ...options, fork });
  return { descriptors, channels, trace, zrt };
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
  channelParts(order, descriptors).forEach(({ shape, options }, index) => {
    channels[index]?.renew(shape, options);
  });
  return descriptors;
}

function descriptorsFor(order: Order, remainingMs: () => number): Descriptors {
  return hostDescriptors({ waiting: waitingFds(order), loadPoll, remainingMs });
}

function zrtOptions(
  order: Order,
  descriptors: Descriptors,
  channels: readonly Channel[],
  trace: Trace,
): ZrtOptions {
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
    clock: order.clock === "real" ? realClock() : virtualClock(order.clock),
    entropy: order.seed === "real" ? realEntropy() : seededEntropy(order.seed),
    limits,
    trace,
  };
}

interface ChannelParts {
  readonly shape: ChannelShape;
  readonly options: ChannelOptions;
}

function channelParts(order: Order, descriptors: Descriptors): ChannelParts[] {
  const pending = new PendingWrites(descriptors);
  return order.channels.map((channel) => partsOf(order, channel, descriptors, pending));
}

function partsOf(
  order: Order,
  channel: OrderChannel,
  descriptors: Descriptors,
  pending: PendingWrites,
): ChannelParts {
  const { alias, type, etag, gets, getBytes, puts, putBytes, sizeBytes } = channel;
  const shape = { alias, type, etag, limits: { gets, getBytes, puts, putBytes } };
  const backends = channel.sources.map((source, index) => {
    return openBackend(source, { source: { alias, index }, pending }, descriptors);
  });
  return { shape, options: { backends, sizeBytes, hashName: order.hash, hash: hostHash } };
}

function openBackend(
  source: OrderSource,
  common: { readonly source: { alias: string; index: number }; readonly pending: PendingWrites },
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

/** A regular file behind a descriptor as a block of bytes. */
export function descriptorSource(
  descriptors: Descriptors,
  fd: number,
  sizeBytes: number,
): ByteSource {
  return {
    sizeBytes,
    read(offset, into) {
      let done = 0;
      while (done < into.length) {
        const got = descriptors.read(fd, into, done, into.length - done, offset + done);
        if (got === 0) break;
        done += got;
      }
      return done;
    },
  };
}
