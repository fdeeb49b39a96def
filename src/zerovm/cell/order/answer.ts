import { type HashName, LIMIT_TABLE, type LimitName, textOf } from "../../../base/index.ts";
import type { ChannelLimitName, ChannelReport } from "../../../channels/index.ts";
import type { DeniedPath } from "../../report/index.ts";
import { type CellOutcome, readOutcome } from "./answer-outcome.ts";
import { type FrozenGuest, readFrozen, writtenFrozen } from "./frozen-guest.ts";
import { JsonReader } from "./json-reader.ts";
import type { Order } from "./order.ts";

export const ANSWER_VERSION = 1;

/** What a cell says at the end; the host reads it like input from outside. */
export interface Answer {
  readonly version: typeof ANSWER_VERSION;
  readonly outcome: CellOutcome;
  /** One for each channel of the order, in its order. */
  readonly channels: readonly ChannelReport[];
  /** Linear memory at the end, and its digest where the order asked for it. */
  readonly memory: { readonly linearBytes: number; readonly etag?: string };
  readonly hits: readonly LimitName[];
  /** Units of fuel that the guest used, where they were counted. */
  readonly fuelUsed?: bigint;
  readonly denied: readonly DeniedPath[];
  readonly warnings: readonly string[];
  /** What is left of the guest, where the order asked for it and it came to its end. */
  readonly frozen?: FrozenGuest;
  readonly traceHash: string;
  readonly usage: CellUsage;
  readonly times: CellTimes;
}

/** What is known of a guest that waits at its point: an answer but for its trace, which goes on. */
export type Account = Omit<Answer, "traceHash">;

/** CPU time of the process in milliseconds and the most memory it held. */
export interface CellUsage {
  readonly userMs: number;
  readonly systemMs: number;
  readonly residentBytes: number;
}

export interface CellTimes {
  readonly startMs: number;
  /** When the guest began, by the clock that all processes share; 0 where it never did. */
  readonly aliveAtMs: number;
  readonly compileMs: number;
  readonly instantiateMs: number;
  readonly guestMs: number;
  readonly finishMs: number;
}

/** Room that the host grants to an answer besides the limit, for the short one. */
export const ANSWER_BYTES_MIN = 2 ** 22;

/** What is left of an answer above the limit: no lists that a guest can make long. */
export function shortAnswer<Kind extends Account>(answer: Kind): Kind {
  const outcome: CellOutcome = { kind: "limited", limit: "report" };
  const short = { ...answer, outcome, denied: [], warnings: [] };
  // What was frozen is of no use to a session that was ended.
  Reflect.deleteProperty(short, "frozen");
  return short;
}

const TEXT_MAX = 2 ** 16;
const DENIED_MAX = 65_536;
const WARNINGS_MAX = 10_000;
const COUNT_MAX = Number.MAX_SAFE_INTEGER;

const CHANNEL_LIMITS: readonly ChannelLimitName[] = ["gets", "get-bytes", "puts", "put-bytes"];
const LIMIT_NAMES = Object.keys(LIMIT_TABLE) as LimitName[];
const HASH_HEX_LENGTH: Readonly<Record<HashName, number>> = { sha256: 64, sha1: 40, md5: 32 };
const TRACE_HASH: HashName = "sha256";

/**
 * Reads the answer to `order`.
 * @throws ZvmError ZVM_ORDER when anything in it is not as it must be.
 */
export function parseAnswer(text: string, order: Order): Answer {
  const answer = JsonReader.parse(text, "answer").only(ANSWER_FIELDS);
  const traceHash = readHash(answer.field("traceHash"), TRACE_HASH);
  return { ...readAccount(answer, order), traceHash };
}

/**
 * As `parseAnswer`, for what a cell says of a guest that waits.
 * @throws ZvmError ZVM_ORDER when anything in it is not as it must be.
 */
export function parseAccount(text: string, order: Order): Account {
  return readAccount(JsonReader.parse(text, "account").only(ACCOUNT_FIELDS), order);
}

function readAccount(answer: JsonReader, order: Order): Account {
  answer.field("version").oneOf([ANSWER_VERSION]);
  return {
    version: ANSWER_VERSION,
    outcome: readOutcome(answer.field("outcome")),
    channels: readChannels(answer.field("channels"), order),
    memory: readMemory(answer.field("memory"), order),
    hits: answer
      .field("hits")
      .list(LIMIT_NAMES.length)
      .map((hit) => hit.oneOf(LIMIT_NAMES)),
    ...readFuel(answer),
    denied: answer.field("denied").list(DENIED_MAX).map(readDenied),
    warnings: answer
      .field("warnings")
      .list(WARNINGS_MAX)
      .map((warning) => warning.text(TEXT_MAX)),
    ...readFrozen(answer, order),
    usage: readMeasures(answer.field("usage"), USAGE_FIELDS),
    times: readMeasures(answer.field("times"), TIME_FIELDS),
  };
}

function readFuel(answer: JsonReader): { fuelUsed?: bigint } {
  const text = answer.optional("fuelUsed")?.text(FUEL_DIGITS_MAX);
  if (text === undefined) return {};
  if (!/^\d+$/.test(text)) answer.fail("has no number of fuel");
  return { fuelUsed: BigInt(text) };
}

const FUEL_DIGITS_MAX = 20;

/** An answer as text; a number that JSON cannot hold exactly becomes text. */
export function encodeAnswer({ fuelUsed, frozen, ...answer }: Account): string {
  return JSON.stringify({
    ...answer,
    ...(fuelUsed !== undefined && { fuelUsed: `${fuelUsed}` }),
    ...(frozen !== undefined && { frozen: writtenFrozen(frozen) }),
  });
}

const ACCOUNT_FIELDS = [
  "version",
  "outcome",
  "channels",
  "memory",
  "hits",
  "fuelUsed",
  "denied",
  "warnings",
  "frozen",
  "usage",
  "times",
] as const satisfies readonly (keyof Account)[];
const ANSWER_FIELDS = [...ACCOUNT_FIELDS, "traceHash"] as const satisfies readonly (keyof Answer)[];
const USAGE_FIELDS = ["userMs", "systemMs", "residentBytes"] as const;
const TIME_FIELDS = [
  "startMs",
  "aliveAtMs",
  "compileMs",
  "instantiateMs",
  "guestMs",
  "finishMs",
] as const;

function readChannels(list: JsonReader, order: Order): ChannelReport[] {
  const rows = list.list(order.channels.length);
  if (rows.length !== order.channels.length) list.fail("does not name every channel");
  return order.channels.map((channel, index) => {
    const row = rows[index] ?? list.fail("does not name every channel");
    row.only(CHANNEL_FIELDS);
    if (!row.field("alias").is(channel.alias)) row.fail(`is not ${textOf(channel.alias)}`);
    const etag = row.optional("etag");
    if ((etag !== undefined) !== channel.etag) row.fail("has or lacks an etag");
    const digest = row.optional("digest");
    return {
      alias: channel.alias,
      gets: readCount(row, "gets"),
      getBytes: readCount(row, "getBytes"),
      puts: readCount(row, "puts"),
      putBytes: readCount(row, "putBytes"),
      hostReads: readCount(row, "hostReads"),
      hostReadBytes: readCount(row, "hostReadBytes"),
      hostWrites: readCount(row, "hostWrites"),
      hostWriteBytes: readCount(row, "hostWriteBytes"),
      ...(etag === undefined ? {} : { etag: readHash(etag, order.hash) }),
      ...(digest === undefined ? {} : { digest: readHash(digest, order.hash) }),
      interactive: row.field("interactive").boolean(),
      hit: row
        .field("hit")
        .list(CHANNEL_LIMITS.length)
        .map((hit) => hit.oneOf(CHANNEL_LIMITS)),
      ...(channel.sources.some(({ kind }) => kind === "peer") && { network: true as const }),
    };
  });
}

const CHANNEL_FIELDS = [
  "alias",
  "gets",
  "getBytes",
  "puts",
  "putBytes",
  "hostReads",
  "hostReadBytes",
  "hostWrites",
  "hostWriteBytes",
  "etag",
  "digest",
  "interactive",
  "hit",
] as const satisfies readonly (keyof ChannelReport)[];

function readCount(row: JsonReader, name: string): number {
  return row.field(name).integer(0, COUNT_MAX);
}

function readMemory(memory: JsonReader, order: Order): Answer["memory"] {
  memory.only(["linearBytes", "etag"]);
  const linearBytes = memory.field("linearBytes").integer(0, LIMIT_TABLE.memory.maximum);
  const etag = memory.optional("etag");
  if ((etag !== undefined) !== order.memoryEtag) memory.fail("has or lacks an etag");
  return etag === undefined ? { linearBytes } : { linearBytes, etag: readHash(etag, order.hash) };
}

function readDenied(denied: JsonReader): DeniedPath {
  denied.only(["path", "wanted", "errno"]);
  return {
    path: denied.field("path").bytes(TEXT_MAX),
    wanted: denied.field("wanted").oneOf(["read", "write"]),
    errno: denied.field("errno").integer(1, 255),
  };
}

function readHash(found: JsonReader, name: HashName): string {
  const hex = found.text(HASH_HEX_LENGTH[name]);
  if (hex.length !== HASH_HEX_LENGTH[name] || !/^[0-9a-f]*$/.test(hex)) found.fail("is no hash");
  return hex;
}

function readMeasures<Name extends string>(
  owner: JsonReader,
  names: readonly Name[],
): Record<Name, number> {
  owner.only(names);
  const entries = names.map((name) => [name, owner.field(name).measure()] as const);
  return Object.fromEntries(entries) as Record<Name, number>;
}
