import { describe, expect, it } from "vitest";
import { inContainer, putText } from "../../../test/support/fresh-store.ts";
import { storeForEachTest } from "../../../test/support/store-for-each-test.ts";

const CONTAINER = { account: "a", container: "c" };

const fresh = storeForEachTest({ options: { nowMs: () => 1_700_000_000_000 } });

describe("accounts", () => {
  it("are made once, and found after the next start", async () => {
    expect(await fresh.store.accounts.create("b", { "X-Account-Meta-X": "1" })).toBe(true);
    expect(await fresh.store.accounts.create("b", { "X-Account-Meta-Y": "2" })).toBe(false);
    await fresh.reopen();
    expect(await fresh.store.accounts.stat("b")).toEqual({
      account: "b",
      createdAt: expect.any(Number),
      modifiedAt: expect.any(Number),
      containerCount: 0,
      objectCount: 0,
      sizeBytes: 0,
      metadata: { "x-account-meta-x": "1", "x-account-meta-y": "2" },
    });
  });

  it("change their metadata item by item", async () => {
    await fresh.store.accounts.update("a", { "x-account-meta-x": "1", "x-account-meta-y": "2" });
    await fresh.store.accounts.update("a", { "X-Account-Meta-X": "" });
    expect((await fresh.store.accounts.stat("a")).metadata).toEqual({ "x-account-meta-y": "2" });
  });

  it("are removed when they are empty", async () => {
    const refused = fresh.store.accounts.remove("a");
    await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_CONFLICT" });
    await fresh.store.containers.remove(CONTAINER);
    await fresh.store.accounts.remove("a");
    const gone = { code: "ZVM_STORE_NOT_FOUND" };
    await expect(fresh.store.accounts.stat("a")).rejects.toMatchObject(gone);
    await expect(fresh.store.containers.create(CONTAINER)).rejects.toMatchObject(gone);
  });

  it("list their containers, and no other account's", async () => {
    await fresh.store.accounts.create("b");
    for (const container of ["x/", "z", "b", "b-1"].map((name) => name.replace("/", ""))) {
      await fresh.store.containers.create({ account: "a", container });
    }
    await fresh.store.containers.create({ account: "b", container: "other" });
    await putText(fresh.store, "o", "hello");
    const listed = await fresh.store.accounts.list("a");
    expect(listed.map((line) => "name" in line && line.name)).toEqual(["b", "b-1", "c", "x", "z"]);
    expect(listed[2]).toMatchObject({ objectCount: 1, sizeBytes: 5 });
    const folders = await fresh.store.accounts.list("a", {
      delimiter: "-",
      reverse: true,
      limit: 4,
    });
    expect(folders).toMatchObject([{ name: "z" }, { name: "x" }, { name: "c" }, { subdir: "b-" }]);
  });
});

describe("containers", () => {
  it("are made once and change their metadata item by item", async () => {
    const first = await fresh.store.containers.stat(CONTAINER);
    const changes = { "X-Container-Read": ".r:*", "x-container-meta-a": "1" };
    expect(await fresh.store.containers.create(CONTAINER, changes)).toBe(false);
    await fresh.store.containers.update(CONTAINER, { "x-container-read": "" });
    const stat = await fresh.store.containers.stat(CONTAINER);
    expect(stat.metadata).toEqual({ "x-container-meta-a": "1" });
    expect(stat.createdAt).toBe(first.createdAt);
    expect(stat.modifiedAt).toBeGreaterThan(first.modifiedAt);
    expect(await fresh.store.accounts.stat("a")).toMatchObject({ containerCount: 1 });
  });

  it("are removed when they are empty, and begin empty again", async () => {
    await putText(fresh.store, "o", "x");
    const refused = fresh.store.containers.remove(CONTAINER);
    await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_CONFLICT" });
    await fresh.store.objects.remove(inContainer("o"));
    await fresh.store.containers.remove(CONTAINER);
    const gone = { code: "ZVM_STORE_NOT_FOUND" };
    await expect(fresh.store.containers.stat(CONTAINER)).rejects.toMatchObject(gone);
    await fresh.store.containers.create(CONTAINER);
    expect(await fresh.store.containers.list(CONTAINER)).toEqual([]);
    expect(await fresh.store.accounts.stat("a")).toMatchObject({ containerCount: 1 });
  });
});

describe("names", () => {
  const long = "é".repeat(512);
  it.each(["\n\t\x01\x7f", "../../etc/passwd", ".", "..", "/", "//x//", " ", "a\\b", long])(
    "of objects may be %j",
    async (name) => {
      await putText(fresh.store, name, "x");
      expect(await fresh.store.containers.list(CONTAINER)).toMatchObject([{ name }]);
    },
  );

  it.each([
    ["a zero byte", "a\0b", "ZVM_STORE_TEXT"],
    ["half a character", "a\ud800", "ZVM_STORE_TEXT"],
    ["no character", "", "ZVM_STORE_NAME"],
    ["1025 bytes", `${long}x`, "ZVM_STORE_NAME"],
  ])("of objects may not have %s", async (_, name, code) => {
    await expect(putText(fresh.store, name, "x")).rejects.toMatchObject({ code });
  });

  it.each([
    ["a/b", "ZVM_STORE_NAME"],
    ["", "ZVM_STORE_NAME"],
    ["é".repeat(129), "ZVM_STORE_NAME"],
    ["\0", "ZVM_STORE_TEXT"],
  ])("of containers and accounts may not be %j", async (name, code) => {
    const container = { account: "a", container: name };
    await expect(fresh.store.containers.create(container)).rejects.toMatchObject({ code });
    await expect(fresh.store.accounts.create(name)).rejects.toMatchObject({ code });
  });

  it("of 256 bytes are long enough for containers and accounts", async () => {
    const name = "é".repeat(128);
    expect(await fresh.store.accounts.create(name)).toBe(true);
    expect(await fresh.store.containers.create({ account: name, container: name })).toBe(true);
    await expect(fresh.store.containers.list({ account: name, container: name })).resolves.toEqual(
      [],
    );
  });
});

describe("metadata", () => {
  const items = (count: number, value = "v") =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-container-meta-${at}`, value]));

  it.each([
    ["90 items", items(90)],
    ["names of 128 bytes", { [`x-container-meta-${"n".repeat(128)}`]: "v" }],
    ["values of 256 bytes", { "x-container-meta-a": "é".repeat(128) }],
    ["text in any script", { "x-container-meta-a": "\u{1f600}" }],
    ["names that objects have", { __proto__: "no", "x-container-meta-constructor": "v" }],
  ])("may have %s", async (_, changes) => {
    await fresh.store.containers.update(CONTAINER, changes);
    const { metadata } = await fresh.store.containers.stat(CONTAINER);
    expect(metadata).toEqual({ ...changes });
  });

  it.each([
    ["91 items", items(91)],
    ["a name of 129 bytes", { [`x-container-meta-${"n".repeat(129)}`]: "v" }],
    ["a value of 257 bytes", { "x-container-meta-a": "v".repeat(257) }],
    ["more than 4096 bytes", items(17, "v".repeat(256))],
    ["an item without a name", { "x-container-meta-": "v" }],
    ["a name that is no header", { "x container": "v" }],
    ["a line break", { "x-container-meta-a": "v\r\nSet-Cookie: x" }],
    ["a zero byte", { "x-container-meta-a": "v\0" }],
    ["a list of 8193 bytes", { "x-container-read": "v".repeat(8193) }],
  ])("may not have %s", async (_, changes) => {
    const refused = fresh.store.containers.update(CONTAINER, changes);
    await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_METADATA" });
    expect((await fresh.store.containers.stat(CONTAINER)).metadata).toEqual({});
  });

  it("is limited as a whole, whatever was there before", async () => {
    await fresh.store.containers.update(CONTAINER, items(90));
    const refused = fresh.store.containers.update(CONTAINER, { "x-container-meta-more": "v" });
    await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_METADATA" });
    await fresh.store.containers.update(CONTAINER, {
      "x-container-meta-0": "",
      "x-container-meta-more": "v",
    });
  });
});
