import { ERROR_TABLE, judgeValue } from "../../base/index.ts";
import { OUTCOME } from "./forms.ts";
import { type Outcome, type RefusalFinding, signalOfFault } from "./outcome.ts";

const STATUS = { LIMITED: 124, HOST: 125, SIGNAL: 128 } as const;

/**
 * The exit status of `zerovm run` and `zerovm exec`: the guest's own, or 124 and above.
 * @throws ZvmError ZVM_USAGE when it is no outcome
 */
export function exitStatusOf(outcome: Outcome): number {
  judgeValue("exitStatusOf", outcome, OUTCOME);
  switch (outcome.kind) {
    case "exited":
      return outcome.code & 0xff;
    case "judged":
      return 0;
    case "faulted":
      return STATUS.SIGNAL + signalOfFault(outcome.fault);
    case "limited":
      return STATUS.LIMITED;
    case "refused":
      return refusedStatus(outcome.findings);
    case "lost":
      return STATUS.HOST;
  }
}

/** The first error decides. */
function refusedStatus(findings: readonly RefusalFinding[]): number {
  const first = findings.find((finding) => finding.severity === "error");
  return first === undefined ? STATUS.HOST : ERROR_TABLE[first.errorCode].exitStatus;
}
