/** Sessions as callers of the library ask for them. */
import {
  BYTE_STRING,
  countOf,
  ERROR_TABLE,
  eitherOf,
  type Fields,
  type Form,
  judgeValue,
  listOf,
  NAME,
  optional,
  recordOf,
  SIGNAL,
  SWITCH,
  scalar,
  TEXT,
  wordOf,
} from "../../base/index.ts";
import { NEXE_POLICIES } from "../../nacl/elf/index.ts";
import { FINDING_FIELDS, MANIFEST } from "../manifest/index.ts";
import { POOL } from "../pool/index.ts";
import { type RefusalFinding, type Report, TIERS } from "../report/index.ts";
import type { SessionRequest, Substitute } from "./request.ts";
import { runSession } from "./run-session.ts";
import type { NeededFile } from "./write-clash.ts";

/** All that a caller can say of a session; the manifest alone will do. */
export type AskedSession = Omit<
  SessionRequest,
  "program" | "module" | "zrt" | "images" | "preopens" | "freezing" | "onSent"
>;

/**
 * Runs one session in a process of its own, from the manifest to the report. Everything is judged
 * before anything is created; whatever goes wrong is in the report.
 * @throws ZvmError ZVM_USAGE or ZVM_LIMIT for a request that cannot be understood
 */
export async function askSession(request: AskedSession): Promise<Report> {
  judgeValue("runSession", request, SESSION);
  return await runSession(request);
}

const STREAM_EXPECTED = "a stream of Node";

const stream = (method: string): Form =>
  scalar(STREAM_EXPECTED, (value) => {
    const isAny = typeof value === "object" && value !== null;
    return isAny && hasMethods(value, [method, "on", "off"]);
  });

const KIND = TEXT;

const SUBSTITUTE: Form = eitherOf("kind", {
  contents: recordOf<Extract<Substitute, { kind: "contents" }>>({
    kind: KIND,
    bytes: scalar("bytes", (value) => value instanceof Uint8Array),
  }),
  file: recordOf<Extract<Substitute, { kind: "file" }>>({
    kind: KIND,
    fd: countOf("descriptors", 0, 2 ** 31 - 1),
  }),
  readable: recordOf<Extract<Substitute, { kind: "readable" }>>({
    kind: KIND,
    stream: stream("pipe"),
  }),
  writable: recordOf<Extract<Substitute, { kind: "writable" }>>({
    kind: KIND,
    stream: stream("write"),
  }),
});

const SUBSTITUTES: Form = (value, place) => {
  scalar("a Map from aliases to substitutes", (it) => it instanceof Map)(value, place);
  if (!(value instanceof Map)) return;
  for (const [alias, substitute] of value) {
    BYTE_STRING(alias, { ...place, path: `alias of ${place.path}` });
    SUBSTITUTE(substitute, { ...place, path: `${place.path}[${JSON.stringify(alias)}]` });
  }
};

const FINDING: Form = recordOf<RefusalFinding>({
  ...FINDING_FIELDS,
  errorCode: optional(wordOf(Object.keys(ERROR_TABLE))),
});

/** What the session of a manifest, as a value or as text, has besides it. */
export const SESSION_FIELDS: Fields<Omit<AskedSession, "manifest" | "findings">> = {
  needed: optional(listOf(recordOf<NeededFile>({ role: TEXT, path: NAME }))),
  substitutes: optional(SUBSTITUTES),
  interactive: optional(SWITCH),
  preallocate: optional(SWITCH),
  pool: optional(POOL),
  isolation: optional(wordOf(["full", "weak", "none"])),
  tier: optional(wordOf(TIERS)),
  policy: optional(wordOf(NEXE_POLICIES)),
  strictMemory: optional(SWITCH),
  verify: optional(SWITCH),
  record: optional(NAME),
  judgeOnly: optional(SWITCH),
  signal: optional(SIGNAL),
};

const SESSION: Form = recordOf<AskedSession>({
  ...SESSION_FIELDS,
  manifest: MANIFEST,
  findings: optional(listOf(FINDING)),
});

function hasMethods(value: object, names: readonly string[]): boolean {
  return names.every((name) => typeof Reflect.get(value, name) === "function");
}
