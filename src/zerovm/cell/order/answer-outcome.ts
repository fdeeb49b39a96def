import type {
  EndingLimit,
  Exited,
  Faulted,
  FaultKind,
  Limited,
  Lost,
  LostCause,
} from "../../report/index.ts";
import type { JsonReader } from "./json-reader.ts";

/** The engine refused the module: its code was never looked at before. */
export interface NotCompiled {
  readonly kind: "refused";
  readonly message: string;
}

export type CellOutcome = Exited | Faulted | Limited | Lost | NotCompiled;

const TEXT_MAX = 2 ** 16;

const FAULTS: readonly FaultKind[] = [
  "unreachable",
  "indirect-call",
  "table",
  "division",
  "conversion",
  "memory-bounds",
  "exception",
  "trap",
  "other",
];
const ENDING_LIMITS: readonly EndingLimit[] = ["time", "fuel", "stack", "report"];
const LOST_CAUSES: readonly LostCause[] = [
  "interrupted",
  "channel",
  "peer",
  "export",
  "host",
  "cell",
];

/** How a session ended, as its cell tells it. */
export function readOutcome(outcome: JsonReader): CellOutcome {
  const kind = outcome.field("kind").oneOf(["exited", "faulted", "limited", "lost", "refused"]);
  switch (kind) {
    case "exited":
      outcome.only(["kind", "code"]);
      return { kind, code: outcome.field("code").integer(-(2 ** 31), 2 ** 31 - 1) };
    case "faulted":
      outcome.only(["kind", "fault", "message", "functionIndex", "address"]);
      return readFault(outcome);
    case "limited":
      outcome.only(["kind", "limit", "waitingFor"]);
      return readLimited(outcome);
    case "refused":
      outcome.only(["kind", "message"]);
      return { kind, message: outcome.field("message").text(TEXT_MAX) };
    case "lost":
      outcome.only(["kind", "cause", "message", "code"]);
      return {
        kind,
        cause: outcome.field("cause").oneOf(LOST_CAUSES),
        message: outcome.field("message").text(TEXT_MAX),
        code: outcome.field("code").integer(0, 255),
      };
  }
}

function readLimited(outcome: JsonReader): Limited {
  const limit = outcome.field("limit").oneOf(ENDING_LIMITS);
  const waitingFor = outcome.optional("waitingFor")?.text(TEXT_MAX);
  return { kind: "limited", limit, ...(waitingFor !== undefined && { waitingFor }) };
}

function readFault(outcome: JsonReader): Faulted {
  const fault = outcome.field("fault").oneOf(FAULTS);
  const message = outcome.field("message").text(TEXT_MAX);
  const functionIndex = outcome.optional("functionIndex")?.integer(0, 2 ** 32 - 1);
  const faulted = { kind: "faulted", fault, message } as const;
  const address = outcome.optional("address")?.integer(0, 2 ** 32 - 1);
  return {
    ...faulted,
    ...(functionIndex !== undefined && { functionIndex }),
    ...(address !== undefined && { address }),
  };
}
