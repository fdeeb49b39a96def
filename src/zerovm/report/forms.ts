/** What reports and outcomes have to be that come back from a program as values. */
import {
  countOf,
  ERROR_TABLE,
  eitherOf,
  type Form,
  listOf,
  optional,
  partOf,
  SWITCH,
  scalar,
  wordOf,
} from "../../base/index.ts";
import { FAULTS, type Faulted, type Limited, type Lost, type Refused } from "./outcome.ts";
import type { Report } from "./report.ts";

const ANY_TEXT: Form = scalar("text", (value) => typeof value === "string");
const ANY_NUMBER: Form = scalar("a number", (value) => typeof value === "number");
const ANY_SWITCH: Form = scalar("true", (value) => value === true);
const BIGINT: Form = scalar("a bigint", (value) => typeof value === "bigint");

/** How a session ended, as far as its exit status depends on it. */
export const OUTCOME: Form = eitherOf("kind", {
  exited: partOf<{ code: number }>({ code: countOf("numbers", -(2 ** 31), 2 ** 32) }),
  judged: partOf({}),
  faulted: partOf<Pick<Faulted, "fault">>({ fault: wordOf(FAULTS) }),
  limited: partOf<Pick<Limited, "limit" | "waitingFor" | "unconnected">>({
    limit: ANY_TEXT,
    waitingFor: optional(ANY_TEXT),
    unconnected: optional(ANY_SWITCH),
  }),
  refused: partOf<Pick<Refused, "findings">>({
    findings: listOf(
      partOf<{ severity: string; errorCode: string }>({
        severity: ANY_TEXT,
        errorCode: wordOf(Object.keys(ERROR_TABLE)),
      }),
    ),
  }),
  lost: partOf<Pick<Lost, "cause">>({ cause: ANY_TEXT }),
});

type Counted = Pick<
  Report["channels"][number],
  "alias" | "hostReads" | "hostReadBytes" | "hostWrites" | "hostWriteBytes" | "network"
>;

const CHANNEL: Form = partOf<Counted>({
  alias: ANY_TEXT,
  hostReads: ANY_NUMBER,
  hostReadBytes: ANY_NUMBER,
  hostWrites: ANY_NUMBER,
  hostWriteBytes: ANY_NUMBER,
  network: optional(SWITCH),
});

/** A report, as far as it is shown by names of its own. */
export const REPORT: Form = partOf<
  Pick<Report, "classic" | "times" | "channels" | "etags" | "hits" | "fuel" | "denied">
>(
  {
    classic: partOf<Report["classic"]>({
      validator: ANY_NUMBER,
      daemon: ANY_NUMBER,
      userCode: ANY_NUMBER,
      exitCode: ANY_NUMBER,
      state: ANY_TEXT,
    }),
    times: partOf<Pick<Report["times"], "systemMs" | "userMs">>({
      systemMs: ANY_NUMBER,
      userMs: ANY_NUMBER,
    }),
    channels: listOf(CHANNEL),
    etags: listOf(partOf<Report["etags"][number]>({ alias: ANY_TEXT, hex: ANY_TEXT })),
    hits: listOf(partOf<Report["hits"][number]>({ limit: ANY_TEXT, channel: optional(ANY_TEXT) })),
    fuel: optional(partOf<NonNullable<Report["fuel"]>>({ used: BIGINT, limit: BIGINT })),
    denied: listOf(partOf<{ path: string }>({ path: ANY_TEXT })),
  },
  "a report",
);
