import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { upload } from "../../../test/support/fresh-store.ts";
import { makeTree, readTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { FolderStorage } from "./index.ts";

const newFolder = temporaryFolders();

function opened(tree: Readonly<Record<string, string>>) {
  const folder = newFolder();
  makeTree(folder, tree);
  return { folder, storage: new FolderStorage(folder) };
}

const item = (path: string) => {
  const [container = "", ...parts] = path.split("/");
  return { account: "~", container, object: parts.join("/") };
};

const text = (contents: string) => ({ source: upload(contents), contentType: "t/x", meta: {} });

describe("reading", () => {
  test("gives the file that was opened, whatever becomes of its name", async () => {
    const { folder, storage } = opened({ "c/o": "first" });
    const { stat, pieces, close } = await storage.read(item("c/o"));
    await storage.put(item("c/o"), text("second"));
    expect(stat).toMatchObject({ sizeBytes: 5, etag: "", timestamp: "", meta: {} });
    expect(readFileSync(`/proc/self/fd/${pieces[0]?.fd}`, "utf8")).toBe("first");
    expect(readFileSync(join(folder, "c/o"), "utf8")).toBe("second");
    await close();
    await close();
    storage.close();
  });

  test.each([
    ["none/o", "ZVM_STORE_NOT_FOUND"],
    ["c/none", "ZVM_STORE_NOT_FOUND"],
    ["c/d", "ZVM_STORE_NOT_FOUND"],
    ["c/link", "ZVM_STORE_NOT_FOUND"],
    ["out/secret", "ZVM_STORE_NOT_FOUND"],
    ["c/up/secret", "ZVM_STORE_NOT_FOUND"],
    ["c/../c/o", "ZVM_STORE_NAME"],
    ["../c/o", "ZVM_STORE_NAME"],
    ["c/a//b", "ZVM_STORE_NAME"],
    ["c/o/", "ZVM_STORE_NAME"],
    [`c/${"n".repeat(300)}`, "ZVM_STORE_NAME"],
  ])("%s is %s", async (path, code) => {
    const outside = newFolder();
    makeTree(outside, { secret: "" });
    const { folder, storage } = opened({ "c/o": "", "c/d/x": "" });
    symlinkSync(join(outside, "secret"), join(folder, "c/link"));
    symlinkSync(outside, join(folder, "c/up"));
    symlinkSync(outside, join(folder, "out"));
    await expect(storage.read(item(path))).rejects.toMatchObject({ code });
    await expect(storage.stat(item(path))).rejects.toMatchObject({ code });
    storage.close();
  });

  test("knows no other account", async () => {
    const { storage } = opened({ "c/o": "" });
    const other = { ...item("c/o"), account: "b" };
    await expect(storage.read(other)).rejects.toMatchObject({ code: "ZVM_STORE_NOT_FOUND" });
    await expect(storage.authorize(other, "read")).rejects.toMatchObject({
      code: "ZVM_STORE_NOT_FOUND",
    });
    storage.close();
  });
});

describe("writing", () => {
  test("makes folders on the way, and says what was stored", async () => {
    const { folder, storage } = opened({ "c/": "" });
    await storage.authorize(item("c/a/b"), "write");
    const stat = await storage.put(item("c/a/b"), text("hello"));
    expect(stat).toMatchObject({ sizeBytes: 5, etag: "5d41402abc4b2a76b9719d911017c592" });
    expect(readTree(folder)).toEqual({ "c/": "", "c/a/": "", "c/a/b": "hello" });
    storage.close();
  });

  test("leaves nothing of what did not come whole", async () => {
    const { folder, storage } = opened({ "c/o": "old" });
    async function* broken() {
      yield Buffer.from("new");
      expect(readdirSync(join(folder, "c"))).toEqual(["o"]);
      throw new Error("the sender went away");
    }
    const request = { ...text(""), source: broken() };
    await expect(storage.put(item("c/o"), request)).rejects.toThrow("the sender went away");
    await expect(storage.put(item("c/o"), { ...text("x"), sizeBytes: 2 })).rejects.toMatchObject({
      code: "ZVM_STORE_UPLOAD",
    });
    await expect(
      storage.put(item("c/o"), { ...text("x"), etag: "0".repeat(32) }),
    ).rejects.toMatchObject({ code: "ZVM_STORE_ETAG" });
    expect(readTree(folder)).toEqual({ "c/": "", "c/o": "old" });
    storage.close();
  });

  test("replaces a link instead of following it", async () => {
    const { folder, storage } = opened({ "c/": "" });
    const target = join(newFolder(), "target");
    writeFileSync(target, "untouched");
    symlinkSync(target, join(folder, "c/o"));
    await storage.put(item("c/o"), text("new"));
    expect(readFileSync(target, "utf8")).toBe("untouched");
    expect(readTree(folder)).toEqual({ "c/": "", "c/o": "new" });
    storage.close();
  });

  test.each([
    ["none/o", "ZVM_STORE_NOT_FOUND"],
    ["link/o", "ZVM_STORE_NOT_FOUND"],
    ["c/up/o", "ZVM_STORE_CONFLICT"],
    ["c/file/o", "ZVM_STORE_CONFLICT"],
    ["c/../o", "ZVM_STORE_NAME"],
  ])("%s is %s, before a run and at its end", async (path, code) => {
    const outside = newFolder();
    const { folder, storage } = opened({ "c/file": "" });
    symlinkSync(outside, join(folder, "link"));
    symlinkSync(outside, join(folder, "c/up"));
    await expect(storage.authorize(item(path), "write")).rejects.toMatchObject({ code });
    await expect(storage.put(item(path), text("x"))).rejects.toMatchObject({ code });
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(["c", "link"]);
    storage.close();
  });

  test("does not write over a folder", async () => {
    const { storage } = opened({ "c/d/x": "" });
    await expect(storage.put(item("c/d"), text("x"))).rejects.toMatchObject({
      code: "ZVM_STORE_CONFLICT",
    });
    storage.close();
  });

  // Root may write in every folder.
  test.skipIf(process.getuid?.() === 0)("says before a run what it may not write", async () => {
    const { folder, storage } = opened({ "c/d/x": "" });
    chmodSync(join(folder, "c/d"), 0o500);
    await expect(storage.authorize(item("c/d/o"), "write")).rejects.toMatchObject({
      code: "ZVM_STORE_DENIED",
    });
    chmodSync(join(folder, "c/d"), 0o700);
    storage.close();
  });
});
