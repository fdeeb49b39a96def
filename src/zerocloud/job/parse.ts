import { hasErrors, type JobFinding, makeFinding, orderFindings } from "./finding.ts";
import type { Job } from "./job.ts";
import { joinGroups } from "./join-groups.ts";
import { readJson } from "./json-reader.ts";
import type { JsonValue } from "./json-value.ts";
import { type JobLimits, STANDARD_JOB_LIMITS } from "./limits.ts";
import { readGroup } from "./read-group.ts";
import { itemsAt, JobReader } from "./reader.ts";
import { type JobPlace, TextPlaces } from "./text-places.ts";

export interface ParsedJob {
  /** Present when no finding is an error. */
  readonly job?: Job;
  /** Errors in the order of the text, then warnings. */
  readonly findings: readonly JobFinding[];
}

const START: JobPlace = { path: "", line: 1, column: 1 };

/**
 * Reads the text of a job. Everything that is wrong with it by itself is a finding; what needs
 * storage, system images or the settings of a server is judged by `planJob`.
 * @param text bytes of the document; a string stands for its UTF-8 form.
 */
export function parseJob(
  text: Uint8Array | string,
  limits: JobLimits = STANDARD_JOB_LIMITS,
): ParsedJob {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const limit = limits["job-bytes"];
  if (bytes.length > limit) return { findings: [makeFinding("job-size", START, { limit })] };
  const decoded = decode(bytes);
  if (decoded === undefined) return { findings: [makeFinding("json-encoding", START)] };
  return parseText(decoded, limits);
}

/** Undefined where it is no UTF-8. A byte order mark stays in the text, where JSON has none. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseText(text: string, limits: JobLimits): ParsedJob {
  const places = new TextPlaces(text);
  const { value, problems } = readJson(text, limits["job-depth"]);
  const findings = problems.map(({ rule, steps, at, detail }) => {
    const words = { what: detail, limit: detail, key: JSON.stringify(detail) };
    return makeFinding(rule, places.place(steps, at), words);
  });
  if (value === undefined) return { findings };
  const reader = new JobReader(places, limits);
  const job = readJob(reader, value);
  const all = orderFindings([...findings, ...reader.findings], limits["job-findings"]);
  return hasErrors(all) ? { findings: all } : { job: freezeAll(job), findings: all };
}

function readJob(reader: JobReader, value: JsonValue): Job {
  const spot = { value, steps: [] };
  if (value.kind !== "array") {
    reader.misfit(spot, "the job", "an array of groups");
    return { groups: [] };
  }
  if (value.items.length === 0) reader.report("no-nodes", spot);
  const parts = itemsAt(spot).flatMap((item) => readGroup(reader, item) ?? []);
  const { groups, findings } = joinGroups(parts);
  reader.findings.push(...findings);
  return { groups };
}

function freezeAll<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freezeAll(part);
  }
  return value;
}
