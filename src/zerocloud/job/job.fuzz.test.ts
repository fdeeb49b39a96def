import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyJobs } from "../../../test/support/arbitrary-jobs.ts";
import { changedBytes } from "../../../test/support/changed-bytes.ts";
import {
  DEVICE_KEYS,
  EXEC_KEYS,
  GROUP_KEYS,
  hasErrors,
  parseJob,
  STANDARD_JOB_LIMITS,
} from "./index.ts";

const encoder = new TextEncoder();

/** What must hold for any bytes at all. */
function survives(text: Uint8Array | string): void {
  const { job, findings } = parseJob(text);
  expect(job === undefined).toBe(hasErrors(findings));
  expect(findings.length).toBeLessThanOrEqual(STANDARD_JOB_LIMITS["job-findings"] + 1);
  const errors = findings.filter(({ severity }) => severity === "error");
  expect(findings.slice(0, errors.length)).toEqual(errors);
  for (const { message, line, column, path, status } of findings) {
    expect(message.length).toBeLessThan(500);
    expect(/[\p{Cc}\p{Cf}\p{Surrogate}]|\{\w+\}$/u.test(message)).toBe(false);
    expect(Math.min(line, column)).toBeGreaterThan(0);
    expect(path === "" || path.startsWith("/")).toBe(true);
    expect([200, 400, 413, 422]).toContain(status);
  }
  expect(parseJob(text)).toEqual({ ...(job === undefined ? {} : { job }), findings });
}

const word = fc.oneof(
  fc.constantFrom(
    ...Object.keys({ ...GROUP_KEYS, ...EXEC_KEYS, ...DEVICE_KEYS }).map((key) => `"${key}":`),
  ),
  fc.constantFrom(
    ...'[]{},:"\\ \n\ufeff*~',
    "null",
    "true",
    "1e999",
    "-0",
    '"swift://~/c/*"',
    '"stdin"',
  ),
  fc.string({ unit: "binary" }),
);

describe("parseJob with hostile input", () => {
  it("survives any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), survives), { numRuns: 500 });
  });

  it("survives text made of the words of the language", () => {
    const texts = fc.array(word, { maxLength: 60 }).map((words) => `[{${words.join("")}`);
    fc.assert(fc.property(texts, survives), { numRuns: 1000 });
  });

  it("survives jobs with anything in them", () => {
    fc.assert(
      fc.property(anyJobs, (job) => survives(JSON.stringify(job))),
      { numRuns: 500 },
    );
  });

  it("survives changed jobs", () => {
    const good = encoder.encode(
      '[{"name":"größe","exec":{"path":"file://py:p","env":{"A":"1"}},"count":2,"connect":["größe"],"devices":[{"name":"stdout","path":"swift://~/c/*","meta":{"k":"v"}}]}]',
    );
    fc.assert(
      fc.property(changedBytes(good, 4), (bytes) => survives(bytes)),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["brackets", "[".repeat(65_000)],
    ["keys without end", '{"a":'.repeat(13_000)],
    ["wrong groups", `[${"1,".repeat(32_000)}1]`],
    ["wrong groups on one long line with wide characters", `["🦆",${"1,".repeat(32_000)}1]`],
    ["a long string", `["${"a".repeat(65_000)}"]`],
    ["escapes", `["${"\\u0000".repeat(10_000)}"]`],
    ["one long name", `[{"name":"${"n".repeat(60_000)}"}]`],
    ["a long unknown key", `[{"${"n".repeat(60_000)}":1}]`],
    ["many keys", `[{${Array.from({ length: 6000 }, (_, at) => `"k${at}":1`).join()}}]`],
    ["the same key", `[{${'"k":1,'.repeat(9000)}"k":1}]`],
    ["a long number", `[{"count":${"9".repeat(60_000)}}]`],
    [
      "a path of stars",
      `[{"name":"n","exec":{"path":"swift://~/b/p"},"devices":[{"name":"stdin","path":"swift://~/c/${"*".repeat(1000)}"}]}]`,
    ],
    ["slashes", `[{"name":"${"/".repeat(60_000)}"}]`],
    [
      "groups of one name",
      `[${'{"name":"n","exec":{"path":"file://p"}},'.repeat(1500)}{"name":"n"}]`,
    ],
  ])("takes %s in bounded time", (_name, text) => {
    const start = process.cpuUsage().user;
    survives(text);
    expect(process.cpuUsage().user - start).toBeLessThan(10_000_000);
  });
});
