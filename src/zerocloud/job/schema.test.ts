import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyJobs, likelyJobs } from "../../../test/support/arbitrary-jobs.ts";
import { DEVICE_KEYS, EXEC_KEYS, GROUP_KEYS, hasErrors, parseJob } from "./index.ts";

const reference = join(import.meta.dirname, "../../../docs/reference");
const schema = JSON.parse(readFileSync(join(reference, "job.schema.json"), "utf8"));
const isJob = new Ajv({ allowUnionTypes: true }).compile(schema);

describe("the published schema", () => {
  it("takes a job with all keys", () => {
    const job = [
      {
        name: "n",
        exec: { path: "swift://~/b/p", name: "p", args: "-l", env: { A: "b", C: 1, D: null } },
        devices: [
          { name: "stdin", path: "swift://~/c/*" },
          {
            device: "stdout",
            path: "swift://~/d/*",
            content_type: "a/b",
            meta: { k: "v" },
            mode: "file",
            min_size: 0,
          },
        ],
        count: 2,
        connect: ["m"],
        replicate: 0,
        attach: "default",
        location: null,
        unknown: {},
      },
      { name: "m", exec: { path: "file://image:p" }, file_list: [], count: true },
    ];
    expect(isJob(job)).toBe(true);
    expect(hasErrors(parseJob(JSON.stringify(job)).findings)).toBe(false);
  });

  it("refuses nothing that the parser takes", () => {
    const seen = { refused: 0, taken: 0 };
    const judge = (job: unknown): void => {
      // What JSON writes otherwise, as an infinite number, is what both have to judge.
      const text = JSON.stringify(job);
      const isRefused = !isJob(JSON.parse(text));
      seen[isRefused ? "refused" : "taken"] += 1;
      if (isRefused) expect(hasErrors(parseJob(text).findings)).toBe(true);
    };
    fc.assert(fc.property(fc.oneof(anyJobs, likelyJobs), judge), { numRuns: 2000 });
    expect(Math.min(seen.refused, seen.taken)).toBeGreaterThan(100);
  });
});

describe("the page of the language", () => {
  it("describes every key", () => {
    const page = readFileSync(join(reference, "job-language.md"), "utf8");
    const keys = Object.entries({ ...GROUP_KEYS, ...EXEC_KEYS, ...DEVICE_KEYS });
    const missing = keys.filter(([key]) => !page.includes(`| \`${key}\` |`)).map(([key]) => key);
    expect(missing).toEqual([]);
  });

  it("has examples that are jobs", () => {
    const page = readFileSync(join(reference, "job-language.md"), "utf8");
    const examples = [...page.matchAll(/```json\n(\[[\s\S]*?)```/g)].map(([, text = ""]) => text);
    expect(examples.length).toBeGreaterThan(3);
    for (const text of examples) expect(parseJob(text).findings).toEqual([]);
  });
});
