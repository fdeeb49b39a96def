import { ZvmError } from "../base/index.ts";
import type { FolderRun, InstanceResult, ResponsePart } from "../zerocloud/index.ts";
import { columns } from "./show-plan.ts";

/** Statuses of a command for what has no report of a session. */
const STATUS_HOST = 125;

/** Exit status of a job: the highest of its instances, as `zerovm run` gives them. */
export function statusOfRun({ result }: FolderRun): number {
  return Math.max(0, ...(result?.instances ?? []).map(statusOfInstance));
}

/** As `zerovm run` gives it for the session, and 125 where a store or the host refused. */
export function statusOfInstance({ state, report, stored, responses }: InstanceResult): number {
  if (state === "skipped") return 0;
  if (state === "refused") return STATUS_HOST;
  const ended = exitStatusIn(report);
  const isUnstored = stored.some(({ failure }) => failure !== undefined);
  const isUnlike = state === "failed" && ended === 0 && responses.length > 0;
  return isUnstored || isUnlike ? Math.max(ended, STATUS_HOST) : ended;
}

function exitStatusIn(report: unknown): number {
  const isReport = typeof report === "object" && report !== null && "exitStatus" in report;
  return isReport && typeof report.exitStatus === "number" ? report.exitStatus : STATUS_HOST;
}

/** What became of a job for people: one line an instance. */
export function runTable({ result }: FolderRun): string {
  if (result === undefined) return "";
  const rows = result.instances.map((instance) => [
    instance.name,
    instance.state,
    instance.state === "skipped" ? "-" : String(statusOfInstance(instance)),
    `${instance.accounting.seconds.toFixed(3)} s`,
    instance.error ?? instance.statusText,
  ]);
  return columns([["NAME", "STATE", "EXIT", "TIME", "WHAT"], ...rows]).join("\n");
}

/** Longer answers do not fit into JSON. */
const JSON_BODIES_MAX = 64 * 2 ** 20;

/** The whole run as plain data, without the bodies of the answer. */
export function plainRun({ result, findings, leftOut }: FolderRun): Record<string, unknown> {
  if (result === undefined) return { findings, leftOut };
  const instances = result.instances.map((instance) => ({
    ...instance,
    responses: instance.responses.map(plainPart),
  }));
  return { instances, seconds: result.seconds, findings, leftOut };
}

function plainPart({ body, ...part }: ResponsePart): Record<string, unknown> {
  return { ...part, sizeBytes: body.sizeBytes };
}

/**
 * As `plainRun`, with the bodies: `text` where they are UTF-8, else `base64`.
 * @throws ZvmError ZVM_LIMIT where they are too long for it
 */
export async function plainRunWithBodies(run: FolderRun): Promise<Record<string, unknown>> {
  const plain = plainRun(run);
  const { result } = run;
  if (result === undefined) return plain;
  const parts = result.instances.flatMap(({ responses }) => responses);
  const sizeBytes = parts.reduce((sum, { body }) => sum + body.sizeBytes, 0);
  if (sizeBytes > JSON_BODIES_MAX) {
    const message = `The answer has ${sizeBytes} bytes, and --json holds ${JSON_BODIES_MAX} at most`;
    throw new ZvmError("ZVM_LIMIT", message);
  }
  const instances = [];
  for (const instance of result.instances) {
    const responses = [];
    for (const part of instance.responses) {
      responses.push({ ...plainPart(part), ...(await contentsOf(part)) });
    }
    instances.push({ ...instance, responses });
  }
  return { ...plain, instances };
}

async function contentsOf({ body }: ResponsePart): Promise<Record<string, string>> {
  const blocks: Uint8Array[] = [];
  for await (const bytes of body.read()) blocks.push(bytes);
  const bytes = Buffer.concat(blocks);
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString("base64") };
}
