import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { exitedReport } from "../../../test/support/exited-report.ts";
import { classicPartOf } from "./classic-part.ts";
import { exitStatusOf } from "./exit-status.ts";
import { formatReportJson } from "./format-json.ts";
import { formatReportFramed, formatReportLine, formatReportText } from "./format-text.ts";
import type { Outcome, RefusalFinding } from "./outcome.ts";
import type { Report } from "./report.ts";

const schemaPath = join(import.meta.dirname, "../../../docs/reference/report.schema.json");
const isReport = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(schemaPath, "utf8")));

function finding(fields: Partial<RefusalFinding>): RefusalFinding {
  return {
    severity: "error",
    stage: "mount",
    code: 14,
    state: "state",
    message: "message",
    errorCode: "ZVM_CHANNEL",
    ...fields,
  };
}

function reportWith(outcome: Outcome, fields: Partial<Report> = {}): Report {
  return exitedReport({
    outcome,
    exitStatus: exitStatusOf(outcome),
    classic: classicPartOf(outcome),
    times: { ...exitedReport().times, wallMs: 100, userMs: 0 },
    ...fields,
  });
}

const EXITED: Outcome = { kind: "exited", code: 0 };

const ROW = {
  alias: "/dev/\xc3\xa4",
  gets: 1,
  getBytes: 2,
  puts: 3,
  putBytes: 4,
  hostReads: 5,
  hostReadBytes: 6,
  hostWrites: 7,
  hostWriteBytes: 8,
  interactive: false,
  hit: ["gets"],
} as const;

const OUTCOMES: readonly (readonly [Outcome, number, number, string])[] = [
  [{ kind: "exited", code: 3 }, 3, 0, "ok"],
  [{ kind: "exited", code: -1 }, 255, 0, "ok"],
  [{ kind: "judged" }, 0, 0, "ok"],
  [
    { kind: "faulted", fault: "memory-bounds", message: "m", functionIndex: 3 },
    139,
    4,
    "Signal 11 from untrusted code: Halting at 0x000000000000",
  ],
  [
    { kind: "faulted", fault: "division", message: "m" },
    136,
    4,
    "Signal 8 from untrusted code: Halting at 0x000000000000",
  ],
  [{ kind: "limited", limit: "time" }, 124, 4, "session timeout"],
  [{ kind: "limited", limit: "time", waitingFor: "/dev/in/a" }, 124, 4, "session timeout"],
  [{ kind: "limited", limit: "time", unconnected: true }, 124, 4, "session timeout"],
  [
    { kind: "limited", limit: "stack" },
    124,
    4,
    "Signal 11 from untrusted code: Halting at 0x000000000000",
  ],
  [{ kind: "limited", limit: "report" }, 124, 4, "report quota exceeded"],
  [{ kind: "refused", findings: [finding({ code: 93, state: "s" })] }, 125, 93, "s"],
  [
    {
      kind: "refused",
      findings: [
        finding({ severity: "warning", code: 0, state: "" }),
        finding({ errorCode: "ZVM_PROGRAM_REFUSED", stage: "module", code: 8 }),
      ],
    },
    126,
    8,
    "state",
  ],
  [{ kind: "refused", findings: [] }, 125, 14, "unknown error"],
  [
    { kind: "lost", cause: "channel", message: "/dev/x failed to read", code: 5 },
    125,
    5,
    "/dev/x failed to read",
  ],
];

describe("outcomes", () => {
  test.each(OUTCOMES)("%j", (outcome, status, code, state) => {
    expect(exitStatusOf(outcome)).toBe(status);
    expect(classicPartOf(outcome)).toMatchObject({ exitCode: code, state });
  });

  test.each([
    [{ stage: "parse" }, 2],
    [{ stage: "program", code: 2 }, 2],
    [{ stage: "module", state: "check failed" }, 2],
    [{ stage: "module", state: "validation failed" }, 1],
    [{ stage: "mount" }, 0],
    [{ stage: "defence" }, 0],
  ] as const)("the validator's line for %j", (fields, validator) => {
    const outcome: Outcome = { kind: "refused", findings: [finding(fields)] };
    expect(classicPartOf(outcome).validator).toBe(validator);
  });

  test("a state is one line, whatever was put into it", () => {
    const outcome: Outcome = { kind: "lost", cause: "cell", message: "a\nb\x1b[0m", code: 5 };
    expect(classicPartOf(outcome).state).toBe("a\\nb\\x1b[0m");
  });
});

describe("the text", () => {
  test("is 44 bytes when there is nothing to say", () => {
    const text = formatReportText(reportWith(EXITED));
    expect(text).toBe("0\n0\n0\ndisable\n0.00 0.00 0 0 0 0 0 0 0 0\nok\n\n");
    expect(text).toHaveLength(44);
  });

  test("accounts for network channels by themselves", () => {
    const report = reportWith(EXITED, { channels: [ROW, { ...ROW, network: true }, ROW] });
    expect(formatReportText(report).split("\n")[4]).toBe("0.00 0.00 10 12 14 16 5 6 7 8");
    expect(isReport(JSON.parse(formatReportJson(report)))).toBe(true);
  });

  test("has system time before user time, sums of the channels, and all etags", () => {
    const report = reportWith(EXITED, {
      channels: [ROW, ROW],
      etags: [
        { alias: "/dev/\xc3\xa4", hex: "ab" },
        { alias: "/dev/memory", hex: "cd" },
      ],
    });
    const times = { ...report.times, userMs: 1234, systemMs: 56 };
    expect(formatReportText({ ...report, times })).toBe(
      "0\n0\n0\n/dev/ä ab /dev/memory cd\n0.06 1.23 10 12 14 16 0 0 0 0\nok\n\n",
    );
  });

  test("comes on one line, and with its length before it", () => {
    const report = reportWith({ kind: "exited", code: -5 });
    expect(formatReportLine(report)).toBe("0; 0; -5; disable; 0.00 0.00 0 0 0 0 0 0 0 0; ok; ; ");
    const framed = formatReportFramed(report);
    expect(framed.slice(0, 8)).toBe("0x00002d");
    expect(framed.slice(8)).toBe(formatReportText(report));
  });
});

describe("the JSON form", () => {
  test.each(OUTCOMES)("of %j follows the schema", (outcome) => {
    const value: unknown = JSON.parse(formatReportJson(reportWith(outcome)));
    expect(isReport(value), JSON.stringify(isReport.errors)).toBe(true);
  });

  test("reads names as UTF-8 and follows the schema", () => {
    const hex = "a".repeat(64);
    const report = reportWith(EXITED, {
      channels: [{ ...ROW, etag: hex, digest: hex }],
      etags: [{ alias: ROW.alias, hex }],
      hits: [{ limit: "gets", channel: ROW.alias }, { limit: "open-files" }],
      denied: [{ path: "/\xc3\xa4", wanted: "write", errno: 2 }],
      traceHash: hex,
      warnings: ["w"],
    });
    const value = JSON.parse(formatReportJson(report));
    expect(isReport(value), JSON.stringify(isReport.errors)).toBe(true);
    expect(value.channels[0]).toMatchObject({ alias: "/dev/ä", etag: hex });
    expect(value.channels[0].digest).toBeUndefined();
    expect(value.hits[0].channel).toBe("/dev/ä");
    expect(value.denied[0].path).toBe("/ä");
    expect(formatReportJson(report, 0)).not.toContain("\n");
  });
});
