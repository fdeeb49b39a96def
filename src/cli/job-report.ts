import { ZvmError } from "../base/index.ts";
import type { FolderRun, InstanceResult, ResponsePart } from "../zerocloud/index.ts";
import { failureWords } from "./failure-words.ts";
import { channelLimitText, isChannelLimit } from "./limit-words.ts";
import { faultText } from "./present-report.ts";
import { columns } from "./show-plan.ts";

/** Statuses of a command for what has no report of a session. */
const STATUS_HOST = 125;

/** Exit status of a job: the highest of its instances, as `zerovm run` gives them. */
export function statusOfRun({ result }: FolderRun): number {
  return Math.max(0, ...(result?.instances ?? []).map(statusOfInstance));
}

/** As `zerovm run` gives it for the session, and 125 where a store or the host refused. */
export function statusOfInstance({ state, report, stored, responses }: InstanceResult): number {
  if (state === "skipped" || state === "cancelled") return 0;
  if (state === "refused") return STATUS_HOST;
  const ended = exitStatusIn(report);
  const isUnstored = stored.some(({ failure }) => failure !== undefined);
  const isUnlike = state === "failed" && ended === 0 && responses.length > 0;
  return isUnstored || isUnlike ? Math.max(ended, STATUS_HOST) : ended;
}

function exitStatusIn(report: unknown): number {
  const status = memberOf(report, "exitStatus");
  return typeof status === "number" ? status : STATUS_HOST;
}

/** What became of a job for people: one line an instance, or for all that a refusal left over. */
export function runTable({ result }: FolderRun): string {
  if (result === undefined) return "";
  const { instances } = result;
  const skipped = instances.filter(({ state }) => state === "skipped");
  const others = instances.filter(({ state }) => state !== "skipped");
  const isIdle = skipped.length > 1 && others.every(({ state }) => state === "refused");
  const rest = [`${skipped.length} others`, "skipped", "-", "-", "nothing ran"];
  const rowOf = rowsWithCopies(instances);
  const rows = isIdle ? [...others.map(rowOf), rest] : instances.map(rowOf);
  return columns([["NAME", "STATE", "EXIT", "TIME", "WHAT"], ...rows]).join("\n");
}

/** Copies of a node have its name, and numbers that grow. */
function rowsWithCopies(instances: readonly InstanceResult[]) {
  const ids = new Map<string, number[]>();
  for (const { name, id } of instances) ids.set(name, [...(ids.get(name) ?? []), id]);
  return (instance: InstanceResult): string[] => {
    const { name, id } = instance;
    const copy = (ids.get(name) ?? []).filter((other) => other < id).length;
    if (copy > 0) return [`${name} (copy ${copy})`, ...rowOf(instance), wordsOf(instance)];
    return [name, ...rowOf(instance), `${wordsOf(instance)}${unkeptIn(instance)}`];
  };
}

function rowOf(instance: InstanceResult): string[] {
  const { state, accounting } = instance;
  const isOver = state === "skipped" || state === "cancelled";
  const exit = isOver ? "-" : String(statusOfInstance(instance));
  const time = state === "skipped" ? "-" : `${accounting.seconds.toFixed(3)} s`;
  return [state, exit, time];
}

/** What went wrong, or `ok.`, for people: of a fault as `zerovm run` says it. */
export function wordsOf(instance: InstanceResult): string {
  const { error, statusText, exitCode, report } = instance;
  const limits = exitCode === 0 ? "" : limitsIn(report);
  return `${saidOf({ said: failureWords(error ?? statusText), statusText, report })}${limits}`;
}

/** A program prints, and its job does not say where to: nobody sees it. */
function unkeptIn({ error, report, responses, stored }: InstanceResult): string {
  if (error !== undefined) return "";
  const channels = memberOf(report, "channels");
  if ([...responses, ...stored].some(({ device }) => device === "stdout")) return "";
  const printed = (Array.isArray(channels) ? channels : []).find((channel) => {
    return memberOf(channel, "alias") === "/dev/stdout" && memberOf(channel, "network") !== true;
  });
  const bytes = Number(memberOf(printed, "putBytes") ?? 0);
  return bytes > 0 ? `; ${bytes} bytes of its stdout are kept nowhere` : "";
}

/** Which limits of channels answered a guest that gave up then: it sees no more than an errno. */
function limitsIn(report: unknown): string {
  const hits = memberOf(report, "hits");
  return (Array.isArray(hits) ? hits : [])
    .map((hit) => ({ limit: memberOf(hit, "limit"), channel: memberOf(hit, "channel") }))
    .map(({ limit, channel }) => {
      const isOne = typeof channel === "string" && isChannelLimit(limit);
      return isOne ? `; ${channelLimitText(channel, limit)}` : "";
    })
    .join("");
}

interface Said extends Pick<InstanceResult, "statusText" | "report"> {
  readonly said: string;
}

function saidOf({ said, statusText, report }: Said): string {
  const fault = faultIn(report);
  const classic = [`The program was ended: ${statusText}`, "bad return code", statusText];
  const found = classic.find((text) => said.startsWith(text));
  if (fault === undefined || found === undefined) return said;
  return `${fault}${said.slice(found.length)}`;
}

/** The channel that a failed node waited for when its time was over. */
export function waitedFor({ state, report }: InstanceResult): string | undefined {
  const alias = memberOf(memberOf(report, "outcome"), "waitingFor");
  return state === "failed" && typeof alias === "string" ? alias : undefined;
}

function faultIn(report: unknown): string | undefined {
  const outcome = memberOf(report, "outcome");
  if (memberOf(outcome, "kind") !== "faulted") return undefined;
  const message = String(memberOf(outcome, "message"));
  const functionIndex = memberOf(outcome, "functionIndex");
  const address = memberOf(outcome, "address");
  return faultText({
    message,
    ...(typeof functionIndex === "number" && { functionIndex }),
    ...(typeof address === "number" && { address }),
  });
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
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
