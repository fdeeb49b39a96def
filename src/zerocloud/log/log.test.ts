import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZvmError } from "../../base/index.ts";
import { Log, type LogLevel, type LogRecord, type RequestRecord } from "./index.ts";
import { scrub } from "./scrub.ts";
import { textLine } from "./text-line.ts";

const REQUEST: RequestRecord = {
  kind: "request",
  request: "tx1",
  account: "AUTH_test",
  method: "GET",
  path: "/v1/AUTH_test/c/o",
  status: 200,
  bytesIn: 0,
  bytesOut: 5,
  ms: 1.5,
};

function linesOf(
  records: readonly LogRecord[],
  level: LogLevel = "debug",
  form: "json" | "text" = "json",
) {
  const lines: string[] = [];
  const log = new Log({ level, form, write: (line) => lines.push(line) });
  for (const record of records) log.write(record);
  return lines;
}

function recordOf(record: LogRecord): unknown {
  return JSON.parse(linesOf([record]).join(""));
}

describe("a line of the log", () => {
  it("is one JSON object with the fields of its record", () => {
    expect(recordOf(REQUEST)).toEqual({
      ...REQUEST,
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
    });
  });

  it("has no host and no number of the process", () => {
    expect(recordOf(REQUEST)).not.toHaveProperty("pid");
    expect(recordOf(REQUEST)).not.toHaveProperty("hostname");
  });

  it("accounts for an instance of a job", () => {
    const record: LogRecord = {
      kind: "zerovm-cdr",
      request: "tx1",
      job: "0123456789abcdef",
      account: "AUTH_test",
      node: "map-1",
      instance: 1,
      status: "ok",
      cdr: [0.1, 0.02, 3, 4],
    };
    expect(recordOf(record)).toMatchObject(record);
  });

  it("has a level by what it says, and is left out below the one that was asked for", () => {
    const records: LogRecord[] = [
      { kind: "event", level: "debug", text: "a" },
      { kind: "event", level: "info", text: "b" },
      { kind: "event", level: "warn", text: "c" },
      { ...REQUEST, status: 404 },
      { ...REQUEST, status: 501 },
      { ...REQUEST, status: 503 },
      { ...REQUEST, status: 507 },
      { kind: "failure", text: "d" },
    ];
    const levelsFrom = (level: LogLevel) =>
      linesOf(records, level).map((line) => JSON.parse(line).level);
    expect(levelsFrom("debug")).toEqual([
      "debug",
      "info",
      "warn",
      "info",
      "info",
      "warn",
      "error",
      "error",
    ]);
    expect(levelsFrom("warn")).toEqual(["warn", "warn", "error", "error"]);
    expect(levelsFrom("silent")).toEqual([]);
  });

  it("says what failed: the code of an error, or the stack of a defect", () => {
    const known = new ZvmError("ZVM_STORE_FULL", "no room");
    expect(recordOf({ kind: "failure", text: "x", cause: known })).toMatchObject({
      text: "x",
      code: "ZVM_STORE_FULL",
      cause: "no room",
    });
    const defect = recordOf({ kind: "failure", text: "x", cause: new TypeError("oh") });
    expect(defect).toMatchObject({ cause: "oh", stack: expect.stringContaining("log.test.ts") });
  });

  it("is text for people, where that is asked for", () => {
    const [line = ""] = linesOf([REQUEST], "info", "text");
    expect(line).toMatch(/^[\d:.]{12} INFO {2}request request=tx1 account=AUTH_test method=GET /);
    expect(line).toContain(" path=/v1/AUTH_test/c/o");
    const path = "/v1/a/\u001b[31m b\n";
    expect(linesOf([{ ...REQUEST, path }], "info", "text").join("")).not.toMatch(/\p{Cc}(?!$)/u);
  });
});

describe("secrets", () => {
  const TOKEN = `AUTH_tk${"0123456789abcdef".repeat(2)}`;

  it("are in no field, whichever way they came", () => {
    const path = `/v1/AUTH_test/c?temp_url_sig=deadbeef&x=${TOKEN}`;
    const cause = new Error(`request had X-Auth-Token: ${TOKEN}\nAuthorization: Basic abcdef`);
    const records: LogRecord[] = [
      { ...REQUEST, path },
      { ...REQUEST, path: `/v1/${TOKEN}/c` },
      { ...REQUEST, user: TOKEN, client: `cookie: a=deadbeef` },
      { kind: "failure", text: `bad header x-auth-key: deadbeef`, cause },
      {
        kind: "event",
        level: "info",
        text: 'cannot fetch https://me:deadbeef@host/ {"Cookie": "deadbeef"}',
      },
      { kind: "event", level: "info", text: "user_a_b = $scrypt$ln=15,r=8,p=1$deadbeef$deadbeef" },
      { kind: "failure", text: "", cause: "password=deadbeef&key=deadbeef" },
    ];
    for (const form of ["json", "text"] as const) {
      const text = linesOf(records, "debug", form).join("");
      expect(text).not.toMatch(/deadbeef|0123456789abcdef|abcdef/);
      expect(text.split("\n").length).toBe(records.length + 1);
    }
  });

  it("are taken out of any text around them", () => {
    const around = fc.string({ unit: "binary", maxLength: 50 });
    fc.assert(
      fc.property(around, around, (before, after) => {
        expect(scrub(`${before}${TOKEN}${after}`)).not.toContain(TOKEN);
      }),
    );
  });

  it("are not all that there is: long texts are cut", () => {
    expect(scrub("x".repeat(5000)).length).toBe(2049);
    expect(scrub("plain text, key lime")).toBe("plain text, key lime");
  });
});

describe("any record", () => {
  it("is one line that can be read", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, text, text, (path, user, method) => {
        const lines = linesOf([{ ...REQUEST, path, user, method }]);
        expect(lines.length).toBe(1);
        const [line = ""] = lines;
        expect(line.indexOf("\n")).toBe(line.length - 1);
        expect(JSON.parse(line).kind).toBe("request");
        expect(textLine(line).slice(0, -1)).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
