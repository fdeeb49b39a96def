import { createHash } from "node:crypto";
import type { Answer } from "../../../support/http-client.ts";

/** Headers that are different in each answer, whoever gives it: when, which, and how long. */
const OF_EACH_ANSWER = [
  "date",
  "last-modified",
  "x-timestamp",
  "x-trans-id",
  "x-openstack-request-id",
  "x-zerovm-job",
  "x-nexe-cdr-line",
  "x-chain-total-time",
] as const;

/** Headers of the connection, and not of the answer; Python says how long nothing is. */
const OF_THE_CONNECTION = ["connection", "keep-alive"] as const;
const NO_CONTENT = 204;

const LEFT_OUT = new Set<string>([...OF_EACH_ANSWER, ...OF_THE_CONNECTION]);

/** Headers that are different where the body is. */
const OF_THE_BODY = new Set(["content-length", "etag", "x-nexe-etag"]);

/** Texts that are different each time, and what stands for them. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  // Names of jobs, and of results of deferred ones.
  [/(?<![\w.])[0-9a-f]{17}\b/g, "JOB"],
  [/job-[0-9a-f]{8}-[0-9a-f-]{27}/g, "job-UUID"],
  [/\b127\.0\.0\.1:\d+/g, "HOST"],
  // Where a node ran, which one machine does not tell.
  [/\\?"host\\?": ?\{[^{}]*\},?\s*/g, ""],
  [/boundary=\S+/g, "boundary=BOUNDARY"],
  [/^--[0-9a-f]{32}/gm, "--BOUNDARY"],
  [/\btx[0-9a-f]{21}-[0-9a-f]{10}\S*/g, "TRANSACTION"],
  [/(?<=LOCAL_HTTP_X_TIMESTAMP(?:, value)?=)[\d.]+/g, "TIMESTAMP"],
  [/^X-Nexe-Cdr-Line: .*$/gm, "X-Nexe-Cdr-Line: CDR"],
  [/^X-Chain-Total-Time: .*$/gm, "X-Chain-Total-Time: TIME"],
];

/**
 * A node that was ended because another one failed tells how far it was, and whom it had lost by
 * then: that depends on the moment, and of a worker that is told to stop nobody hears it.
 */
const IN_VAIN: readonly (readonly [RegExp, string])[] = [
  [
    /(?:Nothing of it is kept|It came to nothing): (node [^\s;,"]+ failed first)[^,"]*/g,
    "In vain: $1",
  ],
  [/(?<!\w)(?:cancelled|skipped|ZeroVM did not run)(?!\w)/g, "IN VAIN"],
];

/** Figures of reports that depend on the clock and the machine. */
const FIGURES =
  /"(?:\w*(?:[sS]econds|Ms|At|[tT]ime)|residentBytes|cell|cdr|date|created|started|ended|etag|x-nexe-cdr-line|x-chain-total-time|x-trans-id|x-timestamp)": ?(?:\[[^\]]*\]|"[^"]*"|[-\d.e]+|null)/g;

/** What Swift says of requests that are not for jobs is its own: only the status is compared. */
const SWIFTS_OWN_STATUS = 400;

/** What a request is for: a job, a program over one object, or nothing but Swift. */
export type Kind = "job" | "object run" | "plain";

/** An answer as far as two clouds can give the same. */
export interface Compared {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export function comparable(
  { status, headers, body }: Answer,
  kind: Kind,
  varies = false,
): Compared {
  const isSwifts = headers["x-nexe-system"] === undefined && kind === "plain";
  if (isSwifts && status >= SWIFTS_OWN_STATUS) return { status, headers: {}, body: "" };
  const text = named(body);
  const isNew = varies || text !== body;
  const digest = createHash("md5").update(body, "utf8").digest("hex");
  const isStored = kind === "object run" && status === CREATED && body === "";
  const kept = Object.entries(headers).filter(([name, value]) => {
    if (LEFT_OUT.has(name)) return false;
    if (status === NO_CONTENT && name === "content-length") return false;
    if (isNew && OF_THE_BODY.has(name)) return false;
    // Of a job it is new each time, so that nobody keeps the answer.
    return name !== "etag" || kind === "plain" || value === digest || isStored;
  });
  const plain = kept.map(([name, value]) => [name, SETS.has(name) ? sorted(value) : named(value)]);
  return { status, headers: Object.fromEntries(plain.sort()), body: text };
}

const CREATED = 201;

/** Lists that have no order. */
const SETS = new Set([
  "allow",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-expose-headers",
]);

function sorted(value: unknown): string {
  return String(value).split(/, */).sort().join(", ");
}

function named(value: unknown): string {
  const text = Array.isArray(value) ? value.join("\n") : String(value);
  const without = text.replace(FIGURES, (figure) => `${figure.split(":")[0]}: FIGURE`);
  return [...NAMES, ...IN_VAIN].reduce(
    (done, [pattern, name]) => done.replace(pattern, name),
    without,
  );
}
