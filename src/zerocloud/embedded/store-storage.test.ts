import { readSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inContainer, putText, textOf, upload } from "../../../test/support/fresh-store.ts";
import { storeForEachTest } from "../../../test/support/store-for-each-test.ts";
import type { FilePiece } from "../storage/index.ts";
import { EmbeddedJobStore, StoreStorage } from "./index.ts";
import { OpenFiles } from "./open-files.ts";

const OWNER = { names: ["a", "a:me"], owns: "a" };
const OTHER = { names: ["b", "b:you"], owns: "b" };

const fresh = storeForEachTest();

function textOfPieces(pieces: readonly FilePiece[]): string {
  const texts = pieces.map(({ fd, startBytes, sizeBytes }) => {
    const bytes = Buffer.alloc(sizeBytes);
    return bytes.subarray(0, readSync(fd, bytes, 0, sizeBytes, startBytes)).toString();
  });
  return texts.join("");
}

describe("the store of an owner", () => {
  test("reads an object in place, also when it is replaced and removed meanwhile", async () => {
    const storage = new StoreStorage(fresh.store, OWNER);
    await putText(fresh.store, "o", "first");
    const reading = await storage.read(inContainer("o"));
    await putText(fresh.store, "o", "second");
    await fresh.store.objects.remove(inContainer("o"));
    await fresh.store.idle();
    expect(reading.pieces).toMatchObject([{ startBytes: 0, sizeBytes: 5, isWholeFile: true }]);
    expect(textOfPieces(reading.pieces)).toBe("first");
    expect(reading.stat).toMatchObject({ sizeBytes: 5, etag: "8b04d5e3775d298e78455efc5ca404d5" });
    await reading.close();
    await reading.close();
    await expect(storage.read(inContainer("o"))).rejects.toMatchObject({
      code: "ZVM_STORE_NOT_FOUND",
    });
  });

  test("reads a large object as the pieces that it is", async () => {
    const storage = new StoreStorage(fresh.store, OWNER);
    await putText(fresh.store, "s1", "one,");
    await putText(fresh.store, "s2", "two and more");
    const segments = [{ path: "/c/s1" }, { path: "/c/s2", range: "0-2" }];
    await fresh.store.large.put(inContainer("big"), { segments });
    const reading = await storage.read(inContainer("big"));
    expect(reading.pieces.map(({ isWholeFile }) => isWholeFile)).toEqual([true, false]);
    expect(textOfPieces(reading.pieces)).toBe("one,two");
    expect(reading.stat.sizeBytes).toBe(7);
    expect(reading.stat.sha256).toBeUndefined();
    await reading.close();
  });

  test("reads what a manifest has itself from one file, which is counted", async () => {
    await putText(fresh.store, "s", "file");
    const [one, two] = ["one,", "two,"].map((text) => ({ data: btoa(text) }));
    const segments = [one, two, { path: "/c/s" }, two, { path: "/c/s" }].flatMap((it) => it ?? []);
    await fresh.store.large.put(inContainer("big"), { segments });
    const storage = new StoreStorage(fresh.store, OWNER, undefined, new OpenFiles(3, 3));
    const reading = await storage.read(inContainer("big"));
    expect(textOfPieces(reading.pieces)).toBe("one,two,filetwo,file");
    const fds = reading.pieces.map(({ fd }) => fd);
    expect([fds.length, new Set(fds).size, fds[0]]).toEqual([4, 3, fds[2]]);
    expect(reading.pieces.map(({ isWholeFile }) => isWholeFile)).toEqual([
      false,
      true,
      false,
      true,
    ]);
    await reading.close();
    expect(await readdir(join(fresh.folder, "incoming"))).toEqual([]);
    const store = await fresh.reopen({ reserveBytes: 2 ** 60 });
    const full = new StoreStorage(store, OWNER).read(inContainer("big"));
    await expect(full).rejects.toMatchObject({ code: "ZVM_STORE_FULL" });
    await (await new StoreStorage(store, OWNER).read(inContainer("s"))).close();
  });

  test("reads a dynamic large object as the segments that are there", async () => {
    const storage = new StoreStorage(fresh.store, OWNER);
    for (const [name, text] of Object.entries({ "p/1": "one,", "p/2": "two" })) {
      await putText(fresh.store, name, text);
    }
    const metadata = { "x-object-manifest": "c/p/" };
    await fresh.store.objects.put(inContainer("big"), { source: upload("own"), metadata });
    const stat = await storage.stat(inContainer("big"));
    expect(stat).toMatchObject({ sizeBytes: 7 });
    expect(stat.sha256).toBeUndefined();
    const reading = await storage.read(inContainer("big"));
    expect(textOfPieces(reading.pieces)).toBe("one,two");
    expect(reading.stat).toEqual(stat);
    await reading.close();
  });

  test("stores whole, with type and metadata, and refuses another digest", async () => {
    const storage = new StoreStorage(fresh.store, OWNER);
    const request = { source: upload("text"), contentType: "text/x", meta: { key: "v" } };
    const stat = await storage.put(inContainer("o"), request);
    expect(stat).toMatchObject({ contentType: "text/x", meta: { key: "v" }, sizeBytes: 4 });
    expect(await storage.stat(inContainer("o"))).toEqual(stat);
    const wrong = { ...request, source: upload("other"), etag: "0".repeat(32) };
    await expect(storage.put(inContainer("o"), wrong)).rejects.toMatchObject({
      code: "ZVM_STORE_ETAG",
    });
    expect(await textOf(fresh.store, "o")).toBe("text");
  });

  test("lists pages, of objects and of containers", async () => {
    const storage = new StoreStorage(fresh.store, OWNER);
    for (const name of ["b", "a", "c"]) await putText(fresh.store, name, "");
    const page = { account: "a", container: "c", prefix: "", marker: "", limit: 2 };
    expect(await storage.list(page)).toEqual({ names: ["a", "b"] });
    expect(await storage.list({ ...page, marker: "b" })).toEqual({ names: ["c"] });
    const all = { account: "a", prefix: "", marker: "", limit: 10 };
    expect(await storage.list(all)).toEqual({ names: ["c"] });
    expect(await storage.list({ ...page, container: "none" })).toEqual({ refusal: "missing" });
  });

  test("says before a run that a container is missing", async () => {
    const storage = new StoreStorage(fresh.store, OWNER);
    const item = { account: "a", container: "none", object: "o" };
    await expect(storage.authorize(item, "write")).rejects.toMatchObject({
      code: "ZVM_STORE_NOT_FOUND",
    });
  });
});

describe("the store of somebody else", () => {
  const page = { account: "a", container: "c", prefix: "", marker: "", limit: 9 };
  const denied = { code: "ZVM_STORE_DENIED" };

  test("is closed without a list of access, and tells not even what is missing", async () => {
    const storage = new StoreStorage(fresh.store, OTHER);
    await putText(fresh.store, "o", "secret");
    const none = { account: "a", container: "none", object: "o" };
    for (const item of [inContainer("o"), inContainer("missing"), none]) {
      await expect(storage.read(item)).rejects.toMatchObject(denied);
      await expect(storage.stat(item)).rejects.toMatchObject(denied);
      await expect(storage.authorize(item, "write")).rejects.toMatchObject(denied);
    }
    const request = { source: upload("x"), contentType: "t/x", meta: {} };
    await expect(storage.put(inContainer("o"), request)).rejects.toMatchObject(denied);
    expect(await storage.list(page)).toEqual({ refusal: "denied" });
    expect(await storage.list({ account: "a", prefix: "", marker: "", limit: 9 })).toEqual({
      refusal: "denied",
    });
    expect(await textOf(fresh.store, "o")).toBe("secret");
  });

  test("asks for the right to each segment of a large object", async () => {
    const storage = new StoreStorage(fresh.store, OTHER);
    const inner = { account: "a", container: "inner" };
    await fresh.store.containers.create(inner);
    await fresh.store.objects.put({ ...inner, object: "s" }, { source: upload("segment") });
    await fresh.store.large.put(inContainer("static"), { segments: [{ path: "/inner/s" }] });
    const metadata = { "x-object-manifest": "inner/s" };
    await fresh.store.objects.put(inContainer("dynamic"), { source: upload(""), metadata });
    const container = { account: "a", container: "c" };
    await fresh.store.containers.update(container, { "x-container-read": "b" });
    for (const name of ["static", "dynamic"]) {
      await expect(storage.read(inContainer(name))).rejects.toMatchObject(denied);
    }
    await fresh.store.containers.update(inner, { "x-container-read": "b" });
    for (const name of ["static", "dynamic"]) {
      const reading = await storage.read(inContainer(name));
      expect(textOfPieces(reading.pieces)).toBe("segment");
      await reading.close();
    }
  });

  test("opens for reading and for writing by the lists of the container", async () => {
    const storage = new StoreStorage(fresh.store, OTHER);
    await putText(fresh.store, "o", "shared");
    const container = { account: "a", container: "c" };
    await fresh.store.containers.update(container, { "x-container-read": "b:you" });
    expect(await storage.list(page)).toEqual({ names: ["o"] });
    await expect(storage.authorize(inContainer("o"), "write")).rejects.toMatchObject(denied);
    await fresh.store.containers.update(container, { "x-container-write": "b" });
    await storage.authorize(inContainer("o"), "write");
  });
});

describe("an app that lets people in", () => {
  const app = { account: "a", container: "c", object: "app.tar", etag: "0a", runsIn: "a" };
  const forged = { ...app, account: "b" };
  const grant = async (metadata: Record<string, string>) =>
    await fresh.store.containers.update({ account: "a", container: "c" }, metadata);
  const endpoint = { "x-container-meta-rest-endpoint": "swift://a/c/app.tar" };
  const suid = { "x-container-meta-zerovm-suid": "b:you" };
  const may = async (loaded: typeof app | undefined) => {
    const storage = new StoreStorage(fresh.store, OTHER, loaded);
    return await storage.authorize(inContainer("o"), "write").then(
      () => true,
      () => false,
    );
  };

  test("counts only where endpoint, list and the app that was loaded agree", async () => {
    expect(await may(app)).toBe(false);
    await grant(endpoint);
    expect(await may(app)).toBe(false);
    await grant(suid);
    expect([await may(app), await may(undefined), await may(forged)]).toEqual([true, false, false]);
    await grant({ "x-container-meta-zerovm-suid": "b:another" });
    expect(await may(app)).toBe(false);
    await grant({ "x-container-meta-zerovm-suid": ".r:*,.rlistings" });
    expect(await may(app)).toBe(true);
  });

  test("counts not for a job of another account, whose `~` is something else", async () => {
    await grant({ ...endpoint, ...suid });
    expect([await may(app), await may({ ...app, runsIn: "b" })]).toEqual([true, false]);
    const store = new EmbeddedJobStore(fresh.store, async () => OTHER);
    expect(await store.mayExecute("a", { ...app, runsIn: "b" })).toBe(false);
  });

  test("of somebody else gets nothing of what its callers own elsewhere", async () => {
    const { store } = fresh;
    const secret = { account: "b", container: "c", object: "secret" };
    await store.accounts.create("b");
    await store.containers.create(secret);
    await store.objects.put(secret, { source: upload("x") });
    const mayRead = async (loaded: typeof app) => {
      const storage = new StoreStorage(store, OTHER, loaded);
      return await storage.read(secret).then(
        async (reading) => await reading.close().then(() => true),
        () => false,
      );
    };
    const own = { ...app, account: "b", runsIn: "b" };
    const here = { ...app, runsIn: "b" };
    expect([await mayRead(app), await mayRead(own), await mayRead(here)]).toEqual([
      false,
      true,
      true,
    ]);
    const storage = new StoreStorage(store, OTHER, app);
    const page = { account: "b", prefix: "", marker: "", limit: 9 };
    expect(await storage.list(page)).toEqual({ refusal: "denied" });
    await store.containers.update(secret, { "x-container-read": ".r:*" });
    expect(await mayRead(app)).toBe(true);
  });

  test("may be named in percent form", async () => {
    const named = { "x-container-meta-rest-endpoint": "swift://a/c/%C3%A4.tar" };
    await grant({ ...named, ...suid });
    expect(await may({ ...app, object: "ä.tar" })).toBe(true);
    await grant({ "x-container-meta-rest-endpoint": "swift://a/c/ä.tar" });
    expect(await may({ ...app, object: "ä.tar" })).toBe(true);
  });

  test("counts only with the etag that the container pins", async () => {
    await grant({ ...endpoint, ...suid, "x-container-meta-rest-endpoint-etag": "0B" });
    expect([await may(app), await may({ ...app, etag: "0b" })]).toEqual([false, true]);
  });

  test("lets jobs run on its own account only", async () => {
    await grant({ ...endpoint, ...suid });
    const { store } = fresh;
    const others = new EmbeddedJobStore(store, async () => OTHER);
    expect(await others.mayExecute("a", app)).toBe(true);
    expect(await others.mayExecute("a")).toBe(false);
    expect(await others.mayExecute("b")).toBe(true);
    // Own app, own grant, and the account of somebody else.
    await store.accounts.create("b");
    await store.containers.create(
      { account: "b", container: "c" },
      {
        "x-container-meta-rest-endpoint": "swift://b/c/app.tar",
        "x-container-meta-zerovm-suid": "b:you",
      },
    );
    expect(await others.mayExecute("a", forged)).toBe(false);
  });
});

test("jobs of one account have half of the files open that all jobs have", async () => {
  const openFiles = new OpenFiles(6, 0);
  const [own, other] = [OWNER, { ...OTHER, ownsAll: true }].map((identity) => {
    return new StoreStorage(fresh.store, identity, undefined, openFiles);
  });
  await putText(fresh.store, "s", "text");
  for (const [name, count] of Object.entries({ two: 2, four: 4 })) {
    const segments = Array.from({ length: count }, () => ({ path: "/c/s" }));
    await fresh.store.large.put(inContainer(name), { segments });
  }
  const busy = { code: "ZVM_STORE_BUSY" };
  await expect(own?.read(inContainer("four"))).rejects.toMatchObject(busy);
  const reading = await own?.read(inContainer("two"));
  await expect(own?.read(inContainer("two"))).rejects.toMatchObject(busy);
  await (await other?.read(inContainer("two")))?.close();
  await reading?.close();
  await reading?.close();
  await (await own?.read(inContainer("two")))?.close();
});
