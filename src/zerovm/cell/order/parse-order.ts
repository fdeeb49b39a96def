import type { HashName } from "../../../base/index.ts";
import { TIERS } from "../../report/index.ts";
import { JsonReader } from "./json-reader.ts";
import { decodeMembers, MEMBERS_MAX } from "./members-block.ts";
import { type ModuleOrder, readModuleOrder } from "./module-order.ts";
import {
  ORDER_VERSION,
  type Order,
  type OrderChannel,
  type OrderExport,
  type OrderFileSpan,
  type OrderImage,
  type OrderLog,
  type OrderMapping,
  type OrderProgram,
  type OrderRecording,
} from "./order.ts";
import { readFd, readSource } from "./parse-source.ts";
import { readLimits, readStart } from "./parse-start.ts";

const COUNT_MAX = 2 ** 20;
const FUNCTIONS_MAX = 2 ** 32 - 1;
const NAME_BYTES_MAX = 2 ** 16;
const TEXT_BYTES_MAX = 2 ** 24;
const CLOCK_SECONDS_MAX = 2 ** 32 - 1;
const U63_MAX = 2n ** 63n - 1n;
const U64_MAX = 2n ** 64n - 1n;
const HASH_NAMES: readonly HashName[] = ["sha256", "sha1", "md5"];

/**
 * Reads an order as it came over the control socket. `nextBlock` gives what follows it there: a
 * block for the members of each image.
 * @throws ZvmError ZVM_ORDER naming the first field that is not as it must be.
 */
export function parseOrder(text: string, nextBlock: () => Uint8Array<ArrayBuffer>): Order {
  return readOrder(JsonReader.parse(text, "order"), nextBlock);
}

/** As `parseOrder`, for a cell that may first be told what to compile. */
export function parseFirstOrder(
  text: string,
  nextBlock: () => Uint8Array<ArrayBuffer>,
): Order | ModuleOrder {
  const order = JsonReader.parse(text, "order");
  return order.optional("module") === undefined
    ? readOrder(order, nextBlock)
    : readModuleOrder(order);
}

function readOrder(order: JsonReader, nextBlock: () => Uint8Array<ArrayBuffer>): Order {
  order.only(ORDER_FIELDS);
  order.field("version").oneOf([ORDER_VERSION]);
  const channels = order.field("channels").list(COUNT_MAX).map(readChannel);
  const watch = readWatch(order);
  if (watch.replay === undefined && channels.some(isReplayed)) order.fail("has no replay");
  return {
    version: ORDER_VERSION,
    program: readProgram(order.field("program")),
    functionCount: order.field("functionCount").integer(0, FUNCTIONS_MAX),
    limits: readLimits(order.field("limits")),
    ...readStart(order),
    tier: order.field("tier").oneOf(TIERS),
    hash: order.field("hash").oneOf(HASH_NAMES),
    memoryEtag: order.field("memoryEtag").boolean(),
    clock: readClock(order.field("clock")),
    seed: readSeed(order.field("seed")),
    channels,
    args: readTexts(order.field("args")),
    env: order.field("env").list(COUNT_MAX).map(readPair),
    mapping: order.field("mapping").list(COUNT_MAX).map(readMapping),
    images: order
      .field("images")
      .list(COUNT_MAX)
      .map((image) => readImage(image, nextBlock)),
    exports: order
      .field("exports")
      .list(COUNT_MAX)
      .map((found) => readExport(found, channels.length)),
    preopens: readTexts(order.field("preopens")),
    ...watch,
  };
}

const ORDER_FIELDS = [
  "version",
  "program",
  "functionCount",
  "limits",
  "fuel",
  "nexe",
  "prepares",
  "precache",
  "freezes",
  "frozen",
  "tier",
  "hash",
  "memoryEtag",
  "clock",
  "seed",
  "channels",
  "args",
  "env",
  "mapping",
  "images",
  "exports",
  "preopens",
  "digests",
  "recording",
  "replay",
  "traceLog",
] as const satisfies readonly (keyof Order)[];

type Watch = Pick<Order, "digests" | "recording" | "replay" | "traceLog">;

/** What comparing, recording and replaying sessions asks of a cell. */
function readWatch(order: JsonReader): Watch {
  const digests = order.optional("digests");
  if (digests?.is(true) === false) digests.fail("is not true");
  const recording = order.optional("recording");
  const replay = order.optional("replay");
  const traceLog = order.optional("traceLog");
  return {
    ...(digests !== undefined && { digests: true as const }),
    ...(recording !== undefined && { recording: readRecording(recording) }),
    ...(replay !== undefined && { replay: readSpan(replay) }),
    ...(traceLog !== undefined && { traceLog: readLog(traceLog.only(["fd", "bytesMax"])) }),
  };
}

function readRecording(recording: JsonReader): OrderRecording {
  recording.only(["fd", "bytesMax", "files"]);
  return { ...readLog(recording), files: recording.field("files").boolean() };
}

function readLog(log: JsonReader): OrderLog {
  return {
    fd: readFd(log),
    bytesMax: log.field("bytesMax").integer(0, Number.MAX_SAFE_INTEGER),
  };
}

function isReplayed({ sources }: OrderChannel): boolean {
  return sources.some(({ kind }) => kind === "replayed");
}

function readProgram(program: JsonReader): OrderProgram {
  program.only(["fd", "sizeBytes", "compiled"]);
  const compiled = program.optional("compiled");
  if (compiled?.is(true) === false) compiled.fail("is not true");
  const span = { fd: readFd(program), sizeBytes: readSize(program) };
  return compiled === undefined ? span : { ...span, compiled: true };
}

function readSpan(span: JsonReader): OrderFileSpan {
  span.only(["fd", "sizeBytes"]);
  return { fd: readFd(span), sizeBytes: readSize(span) };
}

function readClock(clock: JsonReader): Order["clock"] {
  return clock.is("real") ? "real" : clock.integer(0, CLOCK_SECONDS_MAX);
}

function readSeed(seed: JsonReader): Order["seed"] {
  return seed.is("real") ? "real" : seed.decimal(U64_MAX);
}

function readChannel(channel: JsonReader): OrderChannel {
  channel.only(CHANNEL_FIELDS);
  return {
    alias: channel.field("alias").bytes(NAME_BYTES_MAX),
    type: channel.field("type").oneOf([0, 1, 2, 3]),
    etag: channel.field("etag").boolean(),
    gets: channel.field("gets").decimal(U63_MAX),
    getBytes: channel.field("getBytes").decimal(U63_MAX),
    puts: channel.field("puts").decimal(U63_MAX),
    putBytes: channel.field("putBytes").decimal(U63_MAX),
    sizeBytes: readSize(channel),
    sources: channel.field("sources").list(COUNT_MAX).map(readSource),
  };
}

const CHANNEL_FIELDS = [
  "alias",
  "type",
  "etag",
  "gets",
  "getBytes",
  "puts",
  "putBytes",
  "sizeBytes",
  "sources",
] as const satisfies readonly (keyof OrderChannel)[];

function readMapping(mapping: JsonReader): OrderMapping {
  mapping.only(["channel", "mode", "truncate"]);
  return {
    channel: mapping.field("channel").bytes(NAME_BYTES_MAX),
    mode: mapping.field("mode").oneOf(["pipe", "char", "file"]),
    truncate: mapping.field("truncate").boolean(),
  };
}

function readImage(image: JsonReader, nextBlock: () => Uint8Array<ArrayBuffer>): OrderImage {
  image.only(IMAGE_FIELDS);
  const sizeBytes = readSize(image);
  const count = image.field("members").integer(0, MEMBERS_MAX);
  return {
    fd: readFd(image),
    sizeBytes,
    mountpoint: image.field("mountpoint").bytes(NAME_BYTES_MAX),
    readonly: image.field("readonly").boolean(),
    meta: image.field("meta").oneOf(["archive", "classic"]),
    isFolder: image.field("isFolder").boolean(),
    members: decodeMembers(nextBlock(), count),
  };
}

const IMAGE_FIELDS = [
  "fd",
  "sizeBytes",
  "mountpoint",
  "readonly",
  "meta",
  "isFolder",
  "members",
] as const satisfies readonly (keyof OrderImage)[];

function readExport(found: JsonReader, channelCount: number): OrderExport {
  found.only(["channel", "mountpoint"]);
  return {
    channel: found.field("channel").integer(0, channelCount - 1),
    mountpoint: found.field("mountpoint").bytes(NAME_BYTES_MAX),
  };
}

function readTexts(list: JsonReader): string[] {
  return list.list(COUNT_MAX).map((found) => found.bytes(TEXT_BYTES_MAX));
}

function readPair(pair: JsonReader): readonly [string, string] {
  const texts = pair.list(2);
  const [name, value] = texts;
  if (name === undefined || value === undefined) pair.fail("is no pair");
  return [name.bytes(TEXT_BYTES_MAX), value.bytes(TEXT_BYTES_MAX)];
}

function readSize(owner: JsonReader): number {
  return owner.field("sizeBytes").integer(0, Number.MAX_SAFE_INTEGER);
}
