import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type FreshStore,
  freshStore,
  inContainer,
  putText,
  textOf,
  upload,
} from "../../../test/support/fresh-store.ts";
import {
  COPYING_GUEST,
  LOOPING_GUEST,
  showingGuest,
  writingGuest,
} from "../../../test/support/guests.ts";
import { group, jobText } from "../../../test/support/job-folder.ts";
import { type Answered, answered, traceHashOf } from "../../../test/support/job-runs.ts";
import { ZvmError } from "../../base/index.ts";
import { CellPool } from "../../zerovm/pool/index.ts";
import { StoreStorage } from "../embedded/index.ts";
import { parseJob } from "../job/index.ts";
import { planJob, STANDARD_PLAN_SETTINGS } from "../plan/index.ts";
import type { Storage } from "../storage/index.ts";
import { JobHost, type JobRequest } from "./index.ts";

let fresh: FreshStore;
let host: JobHost;

beforeEach(async () => {
  fresh = await freshStore();
  host = new JobHost();
  const programs = {
    cat: COPYING_GUEST,
    show: showingGuest("dev/input"),
    loop: LOOPING_GUEST,
    hello: writingGuest("hello"),
  };
  for (const [name, bytes] of Object.entries(programs)) {
    await fresh.store.objects.put(inContainer(name), { source: upload(bytes, 4096) });
  }
});

afterEach(async () => {
  await host.close();
  await fresh.dispose();
});

const OWNER = { names: ["a"], owns: "a" };

/** Runs groups over the store as its owner. */
async function run(
  groups: readonly unknown[],
  options: {
    readonly storage?: Storage;
    readonly request?: Partial<JobRequest>;
    readonly host?: JobHost;
  } = {},
): Promise<readonly Answered[]> {
  const { storage = new StoreStorage(fresh.store, OWNER), request = {} } = options;
  const { job } = parseJob(jobText(...groups));
  if (job === undefined) throw new Error("The test's job has errors");
  const settings = { ...STANDARD_PLAN_SETTINGS, account: "a" };
  const { plan, findings } = await planJob(job, storage, settings);
  if (plan === undefined) throw new Error(findings.map(({ message }) => message).join("\n"));
  const { instances } = await (options.host ?? host).run(plan, storage, { id: "test", ...request });
  return await answered(instances);
}

const c = (object: string) => `swift://~/c/${object}`;

describe("jobs over the embedded store", () => {
  test("read a large object in order and anywhere", async () => {
    await putText(fresh.store, "s1", "one,");
    await putText(fresh.store, "s2", "two");
    const segments = [{ path: "/c/s1" }, { path: "/c/s2" }, { path: "/c/s1", range: "0-1" }];
    await fresh.store.large.put(inContainer("big"), { segments });
    const instances = await run([
      group({
        name: "inOrder",
        program: "c/cat",
        devices: [{ name: "stdin", path: c("big") }, { name: "stdout" }],
      }),
      group({
        name: "anywhere",
        program: "c/show",
        devices: [{ name: "input", path: c("big") }, { name: "stdout" }],
      }),
    ]);
    expect(instances.map(({ bodies }) => bodies)).toEqual([["one,twoon"], ["one,twoon"]]);
  });

  test("store with type and metadata, those of the job or those of the program", async () => {
    const head = "Content-Type: text/own\nX-Object-Meta-Own: 1\nX-Other: 2\n\nbody";
    const guest = writingGuest(head);
    await fresh.store.objects.put(inContainer("cgi"), { source: upload(guest, 4096) });
    const output = (object: string, content_type: string) => [
      { name: "stdout", path: c(object), content_type, meta: { job: "2" } },
    ];
    const instances = await run([
      group({ name: "a", program: "c/hello", devices: output("plain", "text/job") }),
      group({ name: "b", program: "c/cgi", devices: output("headed", "message/cgi") }),
    ]);
    expect(instances.map(({ stored }) => stored[0]?.etag)).toEqual([
      "5d41402abc4b2a76b9719d911017c592",
      "841a2d689ad86bd1611447453c22c6fc",
    ]);
    const storage = new StoreStorage(fresh.store, OWNER);
    const plain = await storage.stat(inContainer("plain"));
    expect(plain).toMatchObject({ contentType: "text/job", meta: { job: "2" } });
    const headed = await storage.stat(inContainer("headed"));
    expect(headed).toMatchObject({ contentType: "text/own", meta: { own: "1" }, sizeBytes: 4 });
    expect(await textOf(fresh.store, "headed")).toBe("body");
  });

  test("read what was opened, when it is replaced before they begin", async () => {
    await putText(fresh.store, "in", "first");
    const devices = [{ name: "stdin", path: c("in") }, { name: "stdout" }];
    const admission = {
      enter: async () => {
        await putText(fresh.store, "in", "second");
        await fresh.store.objects.remove(inContainer("cat"));
        await fresh.store.idle();
        return () => undefined;
      },
    };
    await host.close();
    host = new JobHost({ admission });
    const [instance] = await run([group({ program: "c/cat", devices })]);
    expect(instance?.bodies).toEqual(["first"]);
  });

  test("run a program that was removed and stored again, and others, without mixing them up", async () => {
    await host.close();
    host = new JobHost({ programsMax: 1 });
    for (const name of ["hello", "cat", "hello"]) {
      const devices = [{ name: "stdin" }, { name: "stdout" }];
      const [instance] = await run([group({ program: `c/${name}`, devices })]);
      expect(instance?.bodies).toEqual([name === "hello" ? "hello" : ""]);
    }
    await fresh.store.objects.put(inContainer("hello"), {
      source: upload(writingGuest("other"), 4096),
    });
    const [instance] = await run([group({ program: "c/hello" })]);
    expect(instance?.bodies).toEqual(["other"]);
  });

  test("stop storing at the first output that fails; what was stored before stays", async () => {
    const storage = new StoreStorage(fresh.store, OWNER);
    const failing: Storage = {
      list: (request) => storage.list(request),
      locate: () => storage.locate(),
      stat: (item) => storage.stat(item),
      read: (item) => storage.read(item),
      authorize: (item, right) => storage.authorize(item, right),
      put: async (item, request) => {
        if (item.object === "o2") throw new ZvmError("ZVM_STORE_FULL", "The disk is full");
        return await storage.put(item, request);
      },
    };
    const devices = [
      { name: "stdout", path: c("o1") },
      { name: "output", path: c("o2") },
      { name: "stderr", path: c("o3") },
    ];
    const [instance] = await run([group({ program: "c/hello", devices })], { storage: failing });
    expect(instance).toMatchObject({
      state: "ran",
      status: 507,
      statusText: "ok.",
      error: "Status 507 Insufficient Storage when putting /a/c/o2",
      bodies: [],
      stored: [{ device: "stderr" }, { device: "output", failure: { status: 507 } }],
    });
    await expect(storage.stat(inContainer("o1"))).rejects.toThrow();
    expect((await storage.stat(inContainer("o3"))).sizeBytes).toBe(0);
  });

  test("are refused where the pool of their kind has no place", async () => {
    await host.close();
    const full = new ZvmError("ZVM_POOL", "Slot not available");
    host = new JobHost({ admission: { enter: async () => await Promise.reject(full) } });
    const [instance] = await run([group({ program: "c/hello" })]);
    expect(instance).toMatchObject({
      state: "refused",
      status: full.kind.httpStatus,
      bodies: ["Slot not available"],
    });
  });

  test("may not read or write more than a channel may", async () => {
    await putText(fresh.store, "in", "123456789");
    const devices = [{ name: "stdin", path: c("in") }, { name: "stdout" }];
    const limits = { calls: 100, inputBytes: 8, outputBytes: 3 };
    const request = { limits };
    const refused = await run([group({ program: "c/cat", devices })], { request });
    expect(refused).toMatchObject([{ status: 413, bodies: ["Data object too large"] }]);
    const cut = await run([group({ program: "c/hello" })], { request });
    expect(cut).toMatchObject([{ bodies: ["hel"] }]);
  });

  test("of somebody else are refused before anything runs", async () => {
    const storage = new StoreStorage(fresh.store, { names: ["b"], owns: "b" });
    const instances = await run([group({ program: "c/hello" })], { storage });
    expect(instances).toMatchObject([
      { state: "refused", status: 403, error: "Error 403 Forbidden while fetching /a/c/hello" },
    ]);
  });
});

describe("programs that are used again and again", () => {
  test("have cells of their own, with the same results", async () => {
    const cells = new CellPool({ size: 1 });
    const warm = new JobHost({ cells });
    try {
      const hello = [group({ name: "hi", program: "c/hello", devices: [{ name: "stdout" }] })];
      const rounds: Answered[] = [];
      const cellOf = (one: Answered | undefined) => (one?.report as { cell?: string })?.cell;
      const isCompiled = () => cellOf(rounds.at(-1)) === "compiled";
      while (!isCompiled() && rounds.length < 100) {
        rounds.push(...(await run(hello, { host: warm })));
        await cells.ready();
      }
      expect(isCompiled()).toBe(true);
      expect(cellOf(rounds[0])).toBe("warm");
      const told = rounds.map((one) => [one.bodies, traceHashOf(one)]);
      expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
    } finally {
      await warm.close();
      cells.close();
    }
  });
});
