import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FreshStore, freshStore, inContainer } from "../../../test/support/fresh-store.ts";
import { EmbeddedJobStore } from "../embedded/index.ts";
import { Log } from "../log/index.ts";
import { DeferredRecords } from "./deferred-records.ts";
import { JobRegistry } from "./job-registry.ts";
import { tellLeftJobs } from "./left-jobs.ts";

let fresh: FreshStore;
let folder: string;
let logged: string[];
let registry: JobRegistry;

beforeEach(async () => {
  fresh = await freshStore();
  folder = join(fresh.folder, "deferred");
  mkdirSync(folder);
  logged = [];
  registry = new JobRegistry();
  for (const container of ["c", "d"]) {
    await fresh.store.accounts.create("b");
    await fresh.store.containers.create({ account: "b", container });
  }
});
afterEach(async () => await fresh.dispose());

const RESULT = inContainer("result");
const RECORD = {
  id: "j1",
  account: "a",
  transaction: "tx1",
  createdMs: 1_700_000_000_000,
  names: ["n"],
  deferral: {
    kind: "deferral",
    afterSeconds: 0,
    result: RESULT,
    headers: { ...RESULT, object: "result.headers" },
    url: "swift://a/c/result",
  },
  isTold: false,
};

function keep(record: unknown, name = "j1.json"): void {
  writeFileSync(join(folder, name), JSON.stringify(record));
}

/** As the next start does. */
async function tell(): Promise<void> {
  const log = new Log({ level: "debug", form: "json", write: (line) => logged.push(line) });
  const records = new DeferredRecords(folder);
  await tellLeftJobs({ records, registry, store: EmbeddedJobStore.ofServer(fresh.store), log });
}

async function names(account: string, container: string): Promise<string[]> {
  const listed = await fresh.store.containers.list({ account, container }, {});
  return listed.flatMap((line) => ("name" in line ? [line.name] : []));
}

test("a record that a server left is told of once", async () => {
  keep(RECORD);
  await tell();
  expect(await names("a", "c")).toEqual(["result", "result.headers"]);
  expect(registry.list(() => true).map((job) => job.status().state)).toEqual(["ended"]);
  expect(readdirSync(folder)).toEqual([]);
});

const { deferral } = RECORD;

test.each([
  ["a result in another account", { ...deferral, result: { ...RESULT, account: "b" } }],
  ["headers in another account", { ...deferral, headers: { ...deferral.headers, account: "b" } }],
  ["headers over another object", { ...deferral, headers: { ...RESULT, object: "other" } }],
  ["another URL than its result", { ...deferral, url: "swift://b/d/other" }],
])("a record with %s is left alone, and named in the log", async (_, odd) => {
  keep({ ...RECORD, deferral: odd });
  await tell();
  expect([await names("a", "c"), await names("b", "c"), await names("b", "d")]).toEqual([
    [],
    [],
    [],
  ]);
  expect(registry.list(() => true)).toEqual([]);
  expect(logged.join()).toContain(`${join(folder, "j1.json")} is not what the server keeps`);
});

test("a record under another name leads to no other file", async () => {
  writeFileSync(join(fresh.folder, "mine.json"), "");
  keep({ ...RECORD, id: "../mine" });
  await tell();
  expect(existsSync(join(fresh.folder, "mine.json"))).toBe(true);
  expect(await names("a", "c")).toEqual([]);
});

test("a time that is none does not make the list of jobs fail", async () => {
  keep({ ...RECORD, createdMs: Number.MAX_SAFE_INTEGER });
  await tell();
  expect(registry.list(() => true).map((job) => job.status().created)).toEqual([]);
});

test("a huge record and odd files do not keep the others from being told of", async () => {
  keep(RECORD);
  writeFileSync(join(folder, "huge.json"), "");
  truncateSync(join(folder, "huge.json"), 2 ** 29);
  mkdirSync(join(folder, "a.json.new"));
  mkdirSync(join(folder, "b.json"));
  writeFileSync(join(folder, "c.json"), "{");
  await tell();
  expect(await names("a", "c")).toEqual(["result", "result.headers"]);
  expect(readdirSync(folder)).toEqual(["b.json", "c.json", "huge.json"]);
});

test("a folder that others could look into is closed to them by the next start", async () => {
  chmodSync(folder, 0o755);
  await tell();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(logged).toEqual([]);
});
