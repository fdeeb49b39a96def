import { assert, type ByteSource, type Descriptors, type Hash } from "../../base/index.ts";
import {
  type Backend,
  Channel,
  fileBackend,
  PendingWrites,
  streamBackend,
} from "../../channels/index.ts";
import {
  type Clock,
  createZrt,
  type Entropy,
  seededEntropy,
  Trace,
  virtualClock,
  type Zrt,
  type ZrtOptions,
} from "../../zrt/index.ts";
import { loadPoll } from "../libc/index.ts";
import { hostDescriptors } from "./descriptors.ts";
import type { SourcePlace } from "./intake.ts";
import { loggedHash } from "./logged-hash.ts";
import type { Order, OrderFile, OrderSource, OrderStream } from "./order.ts";
import { hostHash, realClock, realEntropy } from "./real-world.ts";
import { Recorder } from "./recorder.ts";
import { Replay } from "./replay.ts";
import { smallSha256 } from "./small-hash.ts";

/** Everything around one guest, made from an order. */
export interface World {
  readonly descriptors: Descriptors;
  readonly channels: readonly Channel[];
  readonly trace: Trace;
  readonly zrt: Zrt;
  readonly recorder?: Recorder;
}

/** What the sources of channels are made with. */
interface Outside {
  readonly descriptors: Descriptors;
  readonly pending: PendingWrites;
  readonly recorder?: Recorder;
  readonly replay?: Replay;
}

/** `remainingMs` says how long transfers may still wait, see `hostDescriptors`. */
export function buildWorld(order: Order, remainingMs: () => number): World {
  const descriptors = hostDescriptors({ waiting: waitingFds(order), loadPoll, remainingMs });
  const outside = outsideOf(order, descriptors);
  const { recorder } = outside;
  const channels = order.channels.map((_, index) => openChannel(order, index, outside));
  const trace = new Trace(traceHash(order, descriptors));
  const zrt = createZrt(zrtOptions(order, outside, channels, trace));
  return { descriptors, channels, trace, zrt, ...(recorder !== undefined && { recorder }) };
}

function outsideOf({ recording, replay }: Order, descriptors: Descriptors): Outside {
  const pending = new PendingWrites(descriptors);
  return {
    descriptors,
    pending,
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
    clock: order.clock === "real" ? clockOf(outside) : virtualClock(order.clock),
    entropy: order.seed === "real" ? entropyOf(outside) : seededEntropy(order.seed),
    limits,
    trace,
  };
}

function clockOf({ recorder, replay }: Outside): Clock {
  if (replay !== undefined) return replay.clock();
  return recorder === undefined ? realClock() : recorder.clock(realClock());
}

function entropyOf({ recorder, replay }: Outside): Entropy {
  if (replay !== undefined) return replay.entropy();
  return recorder === undefined ? realEntropy() : recorder.entropy(realEntropy());
}

function openChannel(order: Order, index: number, outside: Outside): Channel {
  const channel = order.channels[index];
  assert(channel !== undefined, "channels are counted from 0");
  const { alias, type, etag, gets, getBytes, puts, putBytes, sizeBytes } = channel;
  const shape = { alias, type, etag, limits: { gets, getBytes, puts, putBytes } };
  const backends = channel.sources.map((source, sourceIndex) => {
    const place = { channel: index, source: sourceIndex, alias };
    return openSource(order, source, place, outside);
  });
  const { hash: hashName, digests: digest = false } = order;
  return new Channel(shape, { backends, sizeBytes, hashName, hash: hostHash, digest });
}

function openSource(
  { recording }: Order,
  source: OrderSource,
  place: SourcePlace,
  outside: Outside,
): Backend {
  if (source.kind === "replayed") {
    assert(outside.replay !== undefined, "an order is judged when it comes");
    return outside.replay.source(source, place);
  }
  const { alias, source: index } = place;
  const common = { source: { alias, index }, pending: outside.pending };
  const backend = openBackend(source, common, outside.descriptors);
  const isKnown = source.kind === "file" && source.readAhead && recording?.files === false;
  return isKnown || outside.recorder === undefined
    ? backend
    : outside.recorder.source(backend, place);
}

function openBackend(
  source: OrderFile | OrderStream,
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
