import { printable } from "../../base/index.ts";
import type { Report } from "../../zerovm/report/index.ts";
import type { Instance } from "../plan/index.ts";
import type { InstanceResult } from "../result/index.ts";
import {
  DID_NOT_RUN,
  ranResult,
  reported,
  type SessionFacts,
  STATUS_CANCELLED,
  standing,
} from "./instance-result.ts";
import { nameOfInstance } from "./local-wires.ts";

/** What it needed has failed. */
const STATUS_DEPENDENCY = 424;

/** Why there is nothing of an instance that did not fail itself. */
export interface Consequence {
  /** The first that failed, where it is known. */
  readonly cause?: Instance;
  /** Whether it was ended because whoever asked for the job ended that. */
  readonly isCancelled: boolean;
}

/** It ended well, and what it wrote is thrown away all the same. */
export function withheldResult(
  instance: Instance,
  facts: SessionFacts,
  consequence: Consequence,
): InstanceResult {
  const result = ranResult(instance, facts, { responses: [], stored: [] });
  return { ...result, status: statusOf(consequence), error: reasonOf(consequence) };
}

/** It ran, and the end of the job ended it too: what it did counts in its accounting alone. */
export function endedResult(
  instance: Instance,
  facts: SessionFacts,
  consequence: Consequence,
): InstanceResult {
  return {
    ...reported(instance, facts),
    exitCode: 0,
    etags: [],
    state: "cancelled",
    status: statusOf(consequence),
    statusText: "cancelled",
    error: `${reasonOf(consequence)}${lossIn(facts.report)}`,
  };
}

/** The job ended before there was a session of it that one knows of. */
export function skippedResult(instance: Instance, consequence: Consequence): InstanceResult {
  const { isCancelled } = consequence;
  return {
    ...standing(instance),
    state: "skipped",
    status: statusOf(consequence),
    statusText: DID_NOT_RUN,
    // Whoever ended the job knows why.
    ...(!isCancelled && { error: `It came to nothing: ${causeIn(consequence)}` }),
  };
}

function statusOf({ isCancelled }: Consequence): number {
  return isCancelled ? STATUS_CANCELLED : STATUS_DEPENDENCY;
}

function reasonOf(consequence: Consequence): string {
  return `Nothing of it is kept: ${causeIn(consequence)}`;
}

function causeIn({ cause, isCancelled }: Consequence): string {
  if (isCancelled) return "the job was cancelled";
  return cause === undefined
    ? "the job was ended"
    : `${printable(nameOfInstance(cause))} failed first`;
}

/** What it felt of that: whom it lost, or for whom it waited. */
function lossIn({ outcome }: Report): string {
  if (outcome.kind === "lost" && outcome.cause !== "interrupted") return `; ${outcome.message}`;
  if (outcome.kind !== "limited" || outcome.waitingFor === undefined) return "";
  return `; it waited for ${outcome.waitingFor}`;
}
