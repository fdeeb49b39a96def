import { NO_ACCOUNTING } from "./accounting.ts";
import type { Answer } from "./answer.ts";
import { nexeHeaders } from "./nexe-headers.ts";
import { answerOfRefusal } from "./plain-answers.ts";
import { refuse } from "./refusal.ts";
import type { InstanceResult, JobResult } from "./result.ts";

/** What is said of a job whose server went away before it. */
export const STOPPED_TEXT = "The server was stopped before the job ended";

/** Of HTTP. */
export const STOPPED_STATUS = 503;

/** The answer of a job that its server ended: what became of its instances is in the headers. */
export function answerOfStopped({ seconds, instances }: JobResult, transactionId: string): Answer {
  const told = instances.map((instance) =>
    instance.state === "ran" ? instance : { ...instance, error: STOPPED_TEXT },
  );
  const refusal = refuse(STOPPED_STATUS, STOPPED_TEXT);
  return answerOfRefusal(refusal, transactionId, nexeHeaders(seconds, told));
}

/** What is known of a job whose server was killed: that it had these instances. */
export function stoppedResult(names: readonly string[]): JobResult {
  return { instances: names.map(stoppedInstance), seconds: 0 };
}

function stoppedInstance(name: string, at: number): InstanceResult {
  return {
    id: at + 1,
    name,
    group: "",
    state: "failed",
    status: STOPPED_STATUS,
    statusText: "ZeroVM runtime error",
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
