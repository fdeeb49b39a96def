import { printable, textOf } from "../../base/index.ts";
import { formatReportJson, MEMORY_ALIAS, type Report } from "../../zerovm/report/index.ts";
import type { Instance } from "../plan/index.ts";
import {
  accountingOf,
  type ChosenHost,
  type InstanceResult,
  NO_ACCOUNTING,
} from "../result/index.ts";
import { FULL_DISK, type Refusal } from "./refusal.ts";
import type { SettledOutputs } from "./settle-outputs.ts";
import { bodyOfText } from "./spooled-file.ts";

/** `X-Nexe-Status` of what has no session. */
export const DID_NOT_RUN = "ZeroVM did not run";
const RUNTIME_ERROR = "ZeroVM runtime error";

type Standing = Omit<InstanceResult, "state" | "status" | "statusText">;

/** What is said of an instance that never ran. */
export function standing({ id, node }: Instance): Standing {
  return {
    id,
    name: node.name,
    group: node.group,
    exitCode: 0,
    validation: 0,
    etags: [],
    accounting: NO_ACCOUNTING,
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

/** What is known of a session beside its report. */
export interface SessionFacts {
  readonly report: Report;
  readonly seconds: number;
  readonly errorTail: string;
  /** Whether its program was found valid when it was stored. */
  readonly wasValid: boolean;
  /** Whether the channel of an alias leads to another node. */
  readonly isNetwork: (alias: string) => boolean;
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
  const { outcome, classic } = report;
  const waited = outcome.kind === "limited" ? outcome.waitingFor : undefined;
  const wait = waited === undefined ? "" : `; it waited for ${printable(waited)}`;
  const why = isLostToDisk(report) ? `; ${FULL_DISK}` : wait;
  const text = `ERROR OBJ.QUERY retcode=${retcode},  zerovm_stdout=${classic.state}${why}`;
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
  const { userCode, state } = facts.report.classic;
  const text = `The program failed with exit code ${userCode}: ${state}`;
  return uncountedResult(instance, facts, { status: STATUS_UNSUCCESSFUL, text });
}

const STATUS_UNSUCCESSFUL = 503;

/** A connected node that did not come to its end: those that it writes to do not either. */
export function brokenResult(instance: Instance, facts: SessionFacts): InstanceResult {
  const { outcome, classic } = facts.report;
  if (isFailure(facts.report)) return failedResult(instance, facts);
  if (outcome.kind === "exited") return unsuccessfulResult(instance, facts);
  const text = `The program was ended: ${classic.state}`;
  return uncountedResult(instance, facts, { status: STATUS_FAILED, text });
}

function uncountedResult(
  instance: Instance,
  facts: SessionFacts,
  { status, text }: { readonly status: number; readonly text: string },
): InstanceResult {
  const { classic } = facts.report;
  const { etags: _, ...known } = reported(instance, facts);
  const error = refusalText(facts.report) ?? text;
  return {
    ...known,
    etags: [],
    state: "failed",
    status,
    statusText: classic.state === "ok" ? "ok." : classic.state,
    error,
    responses: [textPart(error)],
  };
}

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

/** Whether a session was lost because what it writes had no room on the host. */
export function isLostToDisk({ outcome }: Report): boolean {
  return outcome.kind === "lost" && outcome.cause === "channel" && NO_ROOM.test(outcome.message);
}

/** As channels say it. */
const NO_ROOM = /;\d+ failed to write: (?:No space left on device|Disk quota exceeded)$/;

function retcodeOf({ outcome }: Report): string {
  if (outcome.kind === "limited") return outcome.limit === "time" ? "Timed out" : "Output too long";
  return outcome.kind === "lost" && outcome.cause === "interrupted" ? "Killed" : "Error";
}

/** What a report and what is known beside it say of an instance, whatever is made of that. */
export function reported(instance: Instance, facts: SessionFacts): Standing {
  const { report, seconds, errorTail, wasValid, isNetwork, host } = facts;
  const { classic, etags } = report;
  return {
    ...standing(instance),
    exitCode: classic.userCode,
    // The verdict of the upload stands; a refusal of today is told as such.
    validation: wasValid && classic.validator === 0 ? 2 : classic.validator,
    etags: etags
      .filter(({ alias }) => alias !== MEMORY_ALIAS && !isNetwork(alias))
      .map(({ alias, hex }) => ({ device: textOf(alias).replace(/^\/dev\//, ""), hex })),
    accounting: accountingOf(report, seconds, isNetwork),
    report: JSON.parse(formatReportJson(report)),
    ...(host !== undefined && { host }),
    ...(errorTail !== "" && { errorTail }),
  };
}

function textPart(text: string) {
  const body = bodyOfText(text);
  return { device: "", contentType: "text/plain; charset=UTF-8", headers: [], body };
}
