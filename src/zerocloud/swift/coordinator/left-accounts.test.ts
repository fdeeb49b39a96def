import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Exchange } from "../../exchange/index.ts";
import { DeferredRecords, type Executor } from "../../execute/index.ts";
import { Log } from "../../log/index.ts";
import type { JobStore } from "../../storage/index.ts";
import { LeftAccounts } from "./left-accounts.ts";

let folder: string;
let records: DeferredRecords;
const log = new Log({ level: "error", form: "json", write: () => undefined });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "left-"));
  records = new DeferredRecords(folder);
  await records.keep(recordOf("1", "a"));
  await records.keep(recordOf("2", "b"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function recordOf(id: string, account: string) {
  const result = { account, container: "c", object: id };
  const headers = { ...result, object: `${id}.headers` };
  const deferral = {
    kind: "deferral" as const,
    url: `swift://${account}/c/${id}`,
    result,
    headers,
    afterSeconds: 1,
  };
  return { id, account, transaction: "t", createdMs: 0, names: ["n"], deferral, isTold: false };
}

/** What is told, as the sender of requests who owns one account. */
async function told(paths: readonly string[], owned: string): Promise<string[][]> {
  const seen: string[][] = [];
  const tellLeftJobsOf = async (ids: ReadonlySet<string>) => void seen.push([...ids]);
  const left = new LeftAccounts({ tellLeftJobsOf } as unknown as Executor, log);
  await left.read(records);
  // A job of today is nothing that was left.
  await records.keep(recordOf("3", owned));
  const release = vi.fn();
  const store = { keep: () => release, owns: async (account: string) => account === owned };
  for (const rawPath of paths) {
    left.noticed({ rawPath } as Exchange, () => store as unknown as JobStore);
    await new Promise(setImmediate);
  }
  expect(release.mock.calls.length).toBeGreaterThan(0);
  return seen;
}

test("are told by the first request of the owner, and once", async () => {
  expect(await told(["/v1/a", "/v1/a/c"], "a")).toEqual([["1"]]);
});

test("are told where the owner looks at all jobs", async () => {
  expect(await told(["/jobs"], "b")).toEqual([["2"]]);
});

test("are not told by somebody else", async () => {
  expect(await told(["/v1/a", "/jobs"], "c")).toEqual([]);
});
