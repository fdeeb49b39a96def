import { textOf } from "../../base/index.ts";
import { formatReportJson, MEMORY_ALIAS, type Report } from "../../zerovm/report/index.ts";
import type { Instance } from "../plan/index.ts";
import type { Accounting, ChosenHost, InstanceResult } from "../result/index.ts";
import type { Refusal } from "./refusal.ts";
import type { SettledOutputs } from "./settle-outputs.ts";
import { bodyOfText } from "./spooled-file.ts";

const NO_TRAFFIC = { reads: 0, readBytes: 0, writes: 0, writtenBytes: 0 };

const NOTHING: Accounting = {
  seconds: 0,
  systemSeconds: 0,
  userSeconds: 0,
  local: NO_TRAFFIC,
  network: NO_TRAFFIC,
};

const DID_NOT_RUN = "ZeroVM did not run";
const RUNTIME_ERROR = "ZeroVM runtime error";

type Standing = Omit<InstanceResult, "state" | "status" | "statusText">;

function standing({ id, node }: Instance): Standing {
  return {
    id,
    name: node.name,
    group: node.group,
    exitCode: 0,
    validation: 0,
    etags: [],
    accounting: NOTHING,
    policy: "",
    colocated: "0",
    isCached: false,
    responses: [],
    stored: [],
  };
}

/** It was turned away; its message is the answer. */
export function refusedResult(instance: Instance, refusal: Refusal): InstanceResult {
  const { status, message, retryAfterSeconds } = refusal;
  return {
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...standing(instance),
    state: "refused",
    status,
    statusText: DID_NOT_RUN,
    error: message,
    responses: [textPart(message)],
  };
}

/** Another instance, or whoever sent the job, ended it before this one came to its end. */
export function skippedResult(instance: Instance, status: number): InstanceResult {
  return { ...standing(instance), state: "skipped", status, statusText: DID_NOT_RUN };
}

/** What is known of a session beside its report. */
export interface SessionFacts {
  readonly report: Report;
  readonly seconds: number;
  readonly errorTail: string;
  /** Whether its program was found valid when it was stored. */
  readonly wasValid: boolean;
  /** Where it ran, in a cluster of several. */
  readonly host?: ChosenHost;
}

const BAD_CODE = "bad return code";
const STATUS_FAILED = 500;

/** It ran to a report; a program that faulted has one too, and what it wrote counts. */
export function ranResult(
  instance: Instance,
  facts: SessionFacts,
  outputs: SettledOutputs,
): InstanceResult {
  const { classic } = facts.report;
  const { fault, ...settled } = outputs;
  const failure = outputs.stored.find((output) => output.failure !== undefined)?.failure;
  const isBad = classic.exitCode !== 0;
  const refusal = refusalText(facts.report);
  const statuses = outputs.responses.map(({ status = 200 }) => status);
  const errors = [
    ...(isBad ? [refusal === undefined ? BAD_CODE : `${BAD_CODE}: ${refusal}`] : []),
    ...(failure === undefined ? [] : [failure.message]),
    ...(fault === undefined ? [] : [fault.text]),
  ];
  return {
    ...reported(instance, facts),
    state: "ran",
    status: Math.max(
      200,
      isBad ? STATUS_FAILED : 0,
      failure?.status ?? 0,
      fault?.status ?? 0,
      ...statuses,
    ),
    statusText: classic.state === "ok" ? "ok." : classic.state,
    ...(errors.length > 0 && { error: errors.join("; ") }),
    ...settled,
    ...(refusal !== undefined && { responses: [textPart(refusal)] }),
    ...(fault !== undefined && { responses: [textPart(fault.text)] }),
  };
}

/** Why a program never began: it is no program, or not one for these limits. */
function refusalText({ outcome }: Report): string | undefined {
  return outcome.kind === "refused" ? outcome.findings[0]?.message : undefined;
}

/** The session gave no report that counts: what it wrote is thrown away. */
export function failedResult(instance: Instance, facts: SessionFacts): InstanceResult {
  const { report } = facts;
  const retcode = retcodeOf(report);
  const text = `ERROR OBJ.QUERY retcode=${retcode},  zerovm_stdout=${report.classic.state}`;
  const { exitCode: _, etags: __, ...known } = reported(instance, facts);
  return {
    ...known,
    exitCode: 0,
    etags: [],
    state: "failed",
    status: retcode === "Killed" ? STATUS_CANCELLED : STATUS_FAILED,
    statusText: RUNTIME_ERROR,
    error: text,
    responses: [textPart(text)],
  };
}

/** What it wrote does not count because it did not end well, by its own word or by a fault. */
export function unsuccessfulResult(instance: Instance, facts: SessionFacts): InstanceResult {
  const { classic } = facts.report;
  const { etags: _, ...known } = reported(instance, facts);
  const ended = `The program failed with exit code ${classic.userCode}: ${classic.state}`;
  const text = refusalText(facts.report) ?? ended;
  return {
    ...known,
    etags: [],
    state: "failed",
    status: STATUS_UNSUCCESSFUL,
    statusText: classic.state === "ok" ? "ok." : classic.state,
    error: text,
    responses: [textPart(text)],
  };
}

const STATUS_UNSUCCESSFUL = 503;

/** The client went away, or asked for the end. */
export const STATUS_CANCELLED = 499;

/** The copies of a node that must agree do not. */
export function differingResult(
  instance: Instance,
  facts: SessionFacts,
  difference: string,
): InstanceResult {
  return {
    ...reported(instance, facts),
    state: "failed",
    status: STATUS_FAILED,
    statusText: RUNTIME_ERROR,
    error: difference,
    responses: [textPart(difference)],
  };
}

/** Whether a session ended so that nothing of it counts. */
export function isFailure({ outcome }: Report): boolean {
  if (outcome.kind === "lost") return true;
  return outcome.kind === "limited" && (outcome.limit === "time" || outcome.limit === "report");
}

function retcodeOf({ outcome }: Report): string {
  if (outcome.kind === "limited") return outcome.limit === "time" ? "Timed out" : "Output too long";
  return outcome.kind === "lost" && outcome.cause === "interrupted" ? "Killed" : "Error";
}

function reported(instance: Instance, facts: SessionFacts): Standing {
  const { report, seconds, errorTail, wasValid, host } = facts;
  const { classic, etags } = report;
  return {
    ...standing(instance),
    exitCode: classic.userCode,
    // The verdict of the upload stands; a refusal of today is told as such.
    validation: wasValid && classic.validator === 0 ? 2 : classic.validator,
    etags: etags
      .filter(({ alias }) => alias !== MEMORY_ALIAS)
      .map(({ alias, hex }) => ({ device: textOf(alias).replace(/^\/dev\//, ""), hex })),
    accounting: accountingOf(report, seconds),
    report: JSON.parse(formatReportJson(report)),
    ...(host !== undefined && { host }),
    ...(errorTail !== "" && { errorTail }),
  };
}

function accountingOf({ channels, times }: Report, seconds: number): Accounting {
  const local = { ...NO_TRAFFIC };
  for (const row of channels) {
    local.reads += row.hostReads;
    local.readBytes += row.hostReadBytes;
    local.writes += row.hostWrites;
    local.writtenBytes += row.hostWriteBytes;
  }
  return {
    seconds,
    systemSeconds: times.systemMs / 1000,
    userSeconds: times.userMs / 1000,
    local,
    network: NO_TRAFFIC,
  };
}

function textPart(text: string) {
  const body = bodyOfText(text);
  return { device: "", contentType: "text/plain; charset=UTF-8", headers: [], body };
}
