import { ERRNO, printable } from "../../base/index.ts";
import { SANDBOX_BASE } from "../../nacl/elf/index.ts";
import type { Finding } from "../manifest/index.ts";
import { type Faulted, type Lost, type Outcome, signalOfFault } from "./outcome.ts";
import type { ClassicPart } from "./report.ts";

/** Exit code of the original for faults, timeouts and signals. */
const CODE_SIGNAL = 4;

const OK = { validator: 0, daemon: 0, userCode: 0, exitCode: 0, state: "ok" } as const;

/** The first line of the original's report. */
type Validator = ClassicPart["validator"];

/** What the original would say of a session with this outcome. */
export function classicPartOf(outcome: Outcome): ClassicPart {
  switch (outcome.kind) {
    case "exited":
      return { ...OK, userCode: outcome.code };
    case "judged":
      // The original says no more when it was told to stop before the start.
      return OK;
    case "faulted":
      return { ...OK, exitCode: CODE_SIGNAL, state: faultState(outcome) };
    case "limited":
      return { ...OK, exitCode: CODE_SIGNAL, state: LIMIT_STATE[outcome.limit] };
    case "refused":
      return refusedPart(outcome.findings);
    case "lost":
      return lostPart(outcome);
  }
}

const LIMIT_STATE = {
  time: "session timeout",
  stack: "Signal 11 from untrusted code: Halting at 0x000000000000",
  fuel: "fuel used up",
  report: "report quota exceeded",
} as const;

/** The original names an address, which WebAssembly programs have not. */
function faultState({ fault, address }: Faulted): string {
  const at = address === undefined ? 0 : SANDBOX_BASE + address;
  const hex = at.toString(16).toUpperCase().padStart(12, "0");
  return `Signal ${signalOfFault(fault)} from untrusted code: Halting at 0x${hex}`;
}

/** The first error decides, as in the original, which stops at it. */
function refusedPart(findings: readonly Finding[]): ClassicPart {
  const first = findings.find((finding) => finding.severity === "error");
  if (first === undefined) return { ...OK, exitCode: ERRNO.EFAULT, state: "unknown error" };
  return {
    ...OK,
    validator: validatorOf(first),
    exitCode: first.code,
    state: stateLine(first.state),
  };
}

/** What the original says of code that is none of the allowed. */
const STATE_INVALID = "validation failed";

/** The program is judged after the manifest and before the channels. */
function validatorOf(first: Finding): Validator {
  if (first.stage === "parse" || first.stage === "program") return 2;
  if (first.stage !== "module") return 0;
  // What is no module at all fails where the original loads the file, before it validates.
  return first.state === STATE_INVALID ? 1 : 2;
}

function lostPart(outcome: Lost): ClassicPart {
  return { ...OK, exitCode: outcome.code, state: stateLine(outcome.message) };
}

/** One line, whatever an alias or a path in it contains. */
function stateLine(state: string): string {
  return printable(state);
}
