/** What manifests and findings have to be that come from a program as values. */
import {
  BYTE_STRING,
  bigCountOf,
  countOf,
  eitherOf,
  type Fields,
  type Form,
  LIMITS,
  listOf,
  NAME,
  optional,
  recordOf,
  SWITCH,
  scalar,
  tableOf,
  wordOf,
  wordOr,
} from "../../base/index.ts";
import { type Finding, STAGES } from "./finding.ts";
import {
  CHANNEL_LIMIT_MAX,
  type ChannelDeclaration,
  CLOCK_SECONDS_MAX,
  FUEL_MAX,
  KEYWORDS,
  type Keyword,
  type Manifest,
  type NetworkHost,
  type NetworkSource,
  type PathSource,
  type Place,
  SEED_MAX,
} from "./manifest.ts";

const INTEGER_MAX = Number.MAX_SAFE_INTEGER;
const INT32_MAX = 2 ** 31 - 1;
const UINT16_MAX = 2 ** 16 - 1;
const UINT32_MAX = 2 ** 32 - 1;

const POSITION: Form = countOf("numbers", 0, INTEGER_MAX);
const ANY_TEXT: Form = scalar("text", (value) => typeof value === "string");
const BYTES_OR_TEXT: Form = scalar("text or bytes", (value) => {
  return typeof value === "string" || value instanceof Uint8Array;
});

/** The text of a manifest. */
export const MANIFEST_TEXT: Form = BYTES_OR_TEXT;

/** Bytes of a text. */

/** The start of the guest's clock. */
export const CLOCK: Form = wordOr("real", countOf("seconds, or real,", 0, CLOCK_SECONDS_MAX));

/** The seed of the guest's entropy. */
export const SEED: Form = wordOr("real", bigCountOf(0n, SEED_MAX));

/** Units of work. */
export const FUEL: Form = bigCountOf(1n, FUEL_MAX, "ZVM_LIMIT");

/** A digest by its name. */
export const HASH: Form = wordOf(["sha256", "sha1", "md5"]);

/** What judges a manifest: by its kinds alone, or also by what a session can hold. */
interface Judges {
  readonly text: Form;
  readonly bytes: Form;
  readonly count: (unit: string, least: number, most: number) => Form;
  readonly bigCount: (least: bigint, most: bigint) => Form;
}

const ANY_NUMBER: Form = scalar("a number", (value) => typeof value === "number");
const BIGINT: Form = scalar("a bigint", (value) => typeof value === "bigint");

function sourceForm({ text, count }: Judges): Form {
  const host = eitherOf("kind", {
    address: recordOf<Extract<NetworkHost, { kind: "address" }>>({ kind: ANY_TEXT, address: text }),
    node: recordOf<Extract<NetworkHost, { kind: "node" }>>({
      kind: ANY_TEXT,
      id: count("numbers", 0, UINT32_MAX),
    }),
  });
  return eitherOf("kind", {
    path: recordOf<PathSource>({ kind: ANY_TEXT, path: text }),
    network: recordOf<NetworkSource>({
      kind: ANY_TEXT,
      protocol: wordOf(["tcp", "udp", "ipc", "inproc", "pgm", "epgm"]),
      host,
      port: count("numbers", 0, UINT16_MAX),
      text,
    }),
  });
}

function channelForm(judges: Judges): Form {
  const limit = judges.bigCount(0n, CHANNEL_LIMIT_MAX);
  return recordOf<ChannelDeclaration>({
    alias: judges.bytes,
    type: ANY_NUMBER,
    etag: SWITCH,
    limits: recordOf<ChannelDeclaration["limits"]>({
      gets: limit,
      getBytes: limit,
      puts: limit,
      putBytes: limit,
    }),
    sources: listOf(sourceForm(judges)),
    line: optional(POSITION),
    columns: optional(listOf(POSITION)),
  });
}

const PLACE: Form = recordOf<Place>({ line: POSITION, column: POSITION });

const PLACES: Form = tableOf(
  (name) => KEYWORDS.includes(name as Keyword),
  PLACE,
  "places of keywords",
);

function manifestForm(judges: Judges, limits: Form): Form {
  const { text, count, bigCount } = judges;
  return recordOf<Manifest>(
    {
      program: text,
      memory: recordOf<Manifest["memory"]>({
        sizeBytes: count("bytes", -INTEGER_MAX, INTEGER_MAX),
        etag: SWITCH,
      }),
      timeoutSeconds: ANY_NUMBER,
      channels: listOf(channelForm(judges)),
      node: optional(count("numbers", 0, UINT32_MAX)),
      nameServer: optional(sourceForm(judges)),
      job: optional(text),
      etag: optional(HASH),
      fuel: optional(bigCount(1n, FUEL_MAX)),
      clock: wordOr("real", count("seconds, or real,", 0, CLOCK_SECONDS_MAX)),
      seed: wordOr("real", bigCount(0n, SEED_MAX)),
      limits,
      key: optional(text),
      places: optional(PLACES),
    },
    { expected: "a manifest" },
  );
}

/**
 * A manifest as a value, of which a session can be made. What the text form could say as well is
 * a finding, as in a text.
 */
export const MANIFEST: Form = manifestForm(
  { text: NAME, bytes: BYTE_STRING, count: countOf, bigCount: bigCountOf },
  LIMITS,
);

/** A manifest as a value, of which a text can be tried. */
export const MANIFEST_VALUE: Form = manifestForm(
  { text: ANY_TEXT, bytes: ANY_TEXT, count: () => ANY_NUMBER, bigCount: () => BIGINT },
  tableOf(() => true, optional(ANY_NUMBER), "an object of limits"),
);

/** A finding about a manifest. */
export const FINDING_FIELDS: Fields<Finding> = {
  severity: wordOf(["error", "warning"]),
  stage: wordOf(STAGES),
  code: countOf("numbers", 0, INT32_MAX),
  state: ANY_TEXT,
  message: ANY_TEXT,
  line: optional(POSITION),
  column: optional(POSITION),
  offset: optional(POSITION),
  expected: optional(ANY_TEXT),
  hint: optional(ANY_TEXT),
};
