import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { JobRegistry } from "./job-registry.ts";
import { TrackedJob } from "./tracked-job.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function endedJob(registry: JobRegistry, id: string, report = "", account = "a"): TrackedJob {
  const job = new TrackedJob({ id, account, transaction: "tx" });
  registry.add(job);
  job.end({ outcome: "ok", status: 200 }, report);
  registry.settle(job);
  return job;
}

function idsOf(registry: JobRegistry): readonly string[] {
  return registry.list(() => true).map(({ id }) => id);
}

test("the newest stands first, and only accounts that are seen are listed", () => {
  const registry = new JobRegistry();
  endedJob(registry, "1");
  endedJob(registry, "3", "", "b");
  registry.add(new TrackedJob({ id: "2", account: "a", transaction: "tx" }));
  expect(idsOf(registry)).toEqual(["3", "2", "1"]);
  expect(registry.list((account) => account === "a").map(({ id }) => id)).toEqual(["2", "1"]);
});

test("no more jobs that ended are kept than may be, nor more of their reports, nor for longer", () => {
  const limits = { endedJobs: 2, reportBytes: 10, endedMs: 1000 };
  const registry = new JobRegistry(limits);
  for (const id of ["1", "2", "3"]) endedJob(registry, id);
  expect(idsOf(registry)).toEqual(["3", "2"]);
  endedJob(registry, "4", "x".repeat(10));
  endedJob(registry, "5", "x");
  expect(idsOf(registry)).toEqual(["5"]);
  vi.advanceTimersByTime(1001);
  expect(registry.find("5")).toBeUndefined();
});

test("an account that has many jobs ended takes no place of one that has few", () => {
  const registry = new JobRegistry({ endedJobs: 4, reportBytes: 10, endedMs: 1000 });
  endedJob(registry, "1", "", "b");
  for (const id of ["2", "3", "4", "5", "6"]) endedJob(registry, id);
  expect(idsOf(registry)).toEqual(["6", "5", "4", "1"]);
  endedJob(registry, "7", "four", "b");
  for (const id of ["8", "9"]) endedJob(registry, id, "x".repeat(5));
  expect(registry.find("7")).toBeDefined();
  expect(registry.find("8")).toBeUndefined();
});

test("one that runs is never forgotten", () => {
  const registry = new JobRegistry({ endedJobs: 0, reportBytes: 0, endedMs: 0 });
  const job = new TrackedJob({ id: "1", account: "a", transaction: "tx" });
  registry.add(job);
  registry.forget(job);
  vi.advanceTimersByTime(1000);
  expect(registry.find("1")).toBe(job);
});
