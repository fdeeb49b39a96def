import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type FreshStore,
  freshStore,
  inContainer,
  putText,
  textOf,
  upload,
} from "../../../test/support/fresh-store.ts";

let fresh: FreshStore;
let nowMs = 1_700_000_000_000;

beforeEach(async () => {
  nowMs = 1_700_000_000_000;
  fresh = await freshStore({ nowMs: () => nowMs, objectBytesMax: 1000 });
});

afterEach(async () => {
  await fresh.dispose();
});

async function filesLeft(): Promise<number> {
  await fresh.store.idle();
  const folders = ["contents", "incoming"].map((name) => join(fresh.folder, name));
  const found = await Promise.all(
    folders.map((folder) => readdir(folder, { withFileTypes: true, recursive: true })),
  );
  return found.flat().filter((entry) => entry.isFile()).length;
}

describe("put", () => {
  it("stores bytes that are read back after the next start", async () => {
    const stat = await putText(fresh.store, "o", "hello");
    expect(stat).toMatchObject({ sizeBytes: 5, etag: md5("hello"), isLarge: false });
    await fresh.reopen();
    expect(await textOf(fresh.store, "o")).toBe("hello");
    expect(await fresh.store.objects.stat(inContainer("o"))).toEqual(stat);
  });

  it("replaces an object, whose file goes", async () => {
    await putText(fresh.store, "o", "one");
    await putText(fresh.store, "o", "three");
    expect(await textOf(fresh.store, "o")).toBe("three");
    expect(await filesLeft()).toBe(1);
    expect(await fresh.store.containers.stat({ account: "a", container: "c" })).toMatchObject({
      objectCount: 1,
      sizeBytes: 5,
    });
  });

  it("leaves what is open as it is when the object is replaced or removed", async () => {
    await putText(fresh.store, "o", "one");
    const { handle, stat } = await fresh.store.objects.open(inContainer("o"));
    await putText(fresh.store, "o", "three");
    await fresh.store.objects.remove(inContainer("o"));
    await fresh.store.idle();
    expect(await handle.readFile("utf8")).toBe("one");
    expect(stat.etag).toBe(md5("one"));
    await handle.close();
  });

  it("keeps type, metadata and digests", async () => {
    const metadata = { "X-Object-Meta-Colour": "blue", "content-encoding": "gzip" };
    const stat = await fresh.store.objects.put(inContainer("o"), {
      source: upload("hello"),
      contentType: "text/plain; charset=utf-8",
      metadata,
      etag: md5("hello").toUpperCase(),
      sizeBytes: 5,
    });
    expect(stat).toMatchObject({
      contentType: "text/plain; charset=utf-8",
      metadata: { "x-object-meta-colour": "blue", "content-encoding": "gzip" },
      file: { sha256: createHash("sha256").update("hello").digest("hex") },
    });
  });

  it.each([
    ["another etag", { etag: md5("other") }, "ZVM_STORE_ETAG"],
    ["fewer bytes than announced", { sizeBytes: 6 }, "ZVM_STORE_UPLOAD"],
    ["more bytes than announced", { sizeBytes: 4 }, "ZVM_STORE_UPLOAD"],
    ["too large an announcement", { sizeBytes: 1001 }, "ZVM_STORE_TOO_LARGE"],
    ["a condition that does not hold", { onlyIfAbsent: true }, "ZVM_STORE_CONDITION"],
    ["a bad type", { contentType: "a\nb" }, "ZVM_STORE_METADATA"],
    ["a bad time", { deleteAtS: 1.5 }, "ZVM_STORE_METADATA"],
  ])("refuses %s and changes nothing", async (_, terms, code) => {
    await putText(fresh.store, "o", "old");
    const refused = fresh.store.objects.put(inContainer("o"), {
      source: upload("hello"),
      ...terms,
    });
    await expect(refused).rejects.toMatchObject({ code });
    expect(await textOf(fresh.store, "o")).toBe("old");
    expect(await filesLeft()).toBe(1);
  });

  it("refuses an upload that turns out too large", async () => {
    const refused = putText(fresh.store, "o", "x".repeat(1001));
    await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_TOO_LARGE" });
    expect(await filesLeft()).toBe(0);
    expect(await putText(fresh.store, "o", "x".repeat(1000))).toMatchObject({ sizeBytes: 1000 });
  });

  it("leaves nothing of an upload that breaks off", async () => {
    async function* broken() {
      yield Buffer.from("he");
      throw new Error("the client went away");
    }
    const refused = fresh.store.objects.put(inContainer("o"), { source: broken() });
    await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_UPLOAD" });
    expect(await filesLeft()).toBe(0);
  });

  it("needs its container, before and after the upload", async () => {
    const missing = { account: "a", container: "none", object: "o" };
    const early = fresh.store.objects.put(missing, { source: upload("x") });
    await expect(early).rejects.toMatchObject({ code: "ZVM_STORE_NOT_FOUND" });
    const container = { account: "a", container: "c" };
    async function* removing() {
      yield Buffer.from("x");
      await fresh.store.containers.remove(container);
    }
    const late = fresh.store.objects.put(inContainer("o"), { source: removing() });
    await expect(late).rejects.toMatchObject({ code: "ZVM_STORE_NOT_FOUND" });
    expect(await filesLeft()).toBe(0);
  });

  it("lets one of two conditional uploads win", async () => {
    const put = (text: string) =>
      fresh.store.objects.put(inContainer("o"), { source: upload(text), onlyIfAbsent: true });
    const ends = await Promise.allSettled([put("one"), put("two")]);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await filesLeft()).toBe(1);
  });

  it("counts many uploads at one time exactly", async () => {
    const names = Array.from({ length: 60 }, (_, index) => `o${index % 40}`);
    await Promise.all(names.map((name) => putText(fresh.store, name, name)));
    const sizeBytes = [...new Set(names)].join("").length;
    expect(await fresh.store.accounts.stat("a")).toMatchObject({ objectCount: 40, sizeBytes });
    expect(await filesLeft()).toBe(40);
  });
});

describe("update", () => {
  it("replaces the metadata and keeps the type and the bytes", async () => {
    await fresh.store.objects.put(inContainer("o"), {
      source: upload("hello"),
      contentType: "text/plain",
      metadata: { "x-object-meta-a": "1" },
      deleteAtS: 1_700_000_100,
    });
    nowMs += 5000;
    await fresh.store.objects.update(inContainer("o"), { metadata: { "x-object-meta-b": "2" } });
    const stat = await fresh.store.objects.stat(inContainer("o"));
    expect(stat).toMatchObject({
      contentType: "text/plain",
      metadata: { "x-object-meta-b": "2" },
      modifiedAt: nowMs * 100,
    });
    expect(stat.deleteAtS).toBeUndefined();
    expect(await textOf(fresh.store, "o")).toBe("hello");
  });

  it("changes the type where it is told", async () => {
    await putText(fresh.store, "o", "x");
    const stat = await fresh.store.objects.update(inContainer("o"), { contentType: "image/png" });
    expect(stat.contentType).toBe("image/png");
  });
});

describe("copy", () => {
  it("copies bytes, type and metadata without reading them", async () => {
    await fresh.store.objects.put(inContainer("o"), {
      source: upload("hello"),
      contentType: "text/plain",
      metadata: { "x-object-meta-a": "1", "x-object-meta-b": "2" },
    });
    const stat = await fresh.store.objects.copy({
      from: inContainer("o"),
      to: inContainer("p"),
      metadata: { "x-object-meta-b": "3" },
    });
    expect(stat).toMatchObject({
      contentType: "text/plain",
      etag: md5("hello"),
      metadata: { "x-object-meta-a": "1", "x-object-meta-b": "3" },
    });
    await fresh.store.objects.remove(inContainer("o"));
    await fresh.store.idle();
    expect(await textOf(fresh.store, "p")).toBe("hello");
  });

  it("keeps no metadata where it shall be fresh", async () => {
    await fresh.store.objects.put(inContainer("o"), {
      source: upload("hello"),
      metadata: { "x-object-meta-a": "1" },
    });
    const request = { from: inContainer("o"), to: inContainer("o"), freshMetadata: true };
    expect((await fresh.store.objects.copy(request)).metadata).toEqual({});
    expect(await textOf(fresh.store, "o")).toBe("hello");
    expect(await filesLeft()).toBe(1);
  });

  it("needs its source and its container", async () => {
    await putText(fresh.store, "o", "x");
    for (const [from, to] of [
      [inContainer("none"), inContainer("p")],
      [inContainer("o"), { account: "a", container: "none", object: "p" }],
    ] as const) {
      const refused = fresh.store.objects.copy({ from, to });
      await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_NOT_FOUND" });
    }
    expect(await filesLeft()).toBe(1);
  });
});

describe("remove", () => {
  it("removes an object and its file", async () => {
    await putText(fresh.store, "o", "x");
    await fresh.store.objects.remove(inContainer("o"));
    const gone = { code: "ZVM_STORE_NOT_FOUND" };
    await expect(fresh.store.objects.stat(inContainer("o"))).rejects.toMatchObject(gone);
    await expect(fresh.store.objects.remove(inContainer("o"))).rejects.toMatchObject(gone);
    expect(await filesLeft()).toBe(0);
  });
});

describe("an object whose time is over", () => {
  it("is gone for its readers, and can be stored anew", async () => {
    const put = () =>
      fresh.store.objects.put(inContainer("o"), {
        source: upload("x"),
        deleteAtS: nowMs / 1000 + 10,
        onlyIfAbsent: true,
      });
    await put();
    nowMs += 9_999;
    expect(await textOf(fresh.store, "o")).toBe("x");
    nowMs += 1;
    const gone = { code: "ZVM_STORE_NOT_FOUND" };
    await expect(fresh.store.objects.open(inContainer("o"))).rejects.toMatchObject(gone);
    await expect(fresh.store.objects.update(inContainer("o"), {})).rejects.toMatchObject(gone);
    expect(await put()).toMatchObject({ deleteAtS: nowMs / 1000 + 10 });
  });

  it("is removed when the store is told to, and no other is", async () => {
    const at = (object: string, seconds: number) =>
      fresh.store.objects.put(inContainer(object), {
        source: upload("x"),
        deleteAtS: nowMs / 1000 + seconds,
      });
    const due = Array.from({ length: 230 }, (_, index) => at(`due ${index}`, 10));
    await Promise.all([
      ...due,
      at("later", 11),
      at("again", 10),
      putText(fresh.store, "kept", "x"),
    ]);
    await fresh.store.objects.update(inContainer("again"), { deleteAtS: nowMs / 1000 + 99 });
    expect(await fresh.store.objects.expire()).toBe(0);
    nowMs += 10_000;
    expect(await fresh.store.objects.expire()).toBe(230);
    const listed = await fresh.store.containers.list({ account: "a", container: "c" });
    expect(listed).toMatchObject([{ name: "again" }, { name: "kept" }, { name: "later" }]);
    expect(await fresh.store.accounts.stat("a")).toMatchObject({ objectCount: 3, sizeBytes: 3 });
    expect(await filesLeft()).toBe(3);
  });
});

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
