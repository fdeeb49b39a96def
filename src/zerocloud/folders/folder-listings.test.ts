import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTree, type Tree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { ListRequest } from "../plan/index.ts";
import { FolderListings, MOST_LEFT_OUT } from "./index.ts";

const newFolder = temporaryFolders();
let store = "";
let opened: FolderListings[] = [];

beforeEach(() => {
  store = join(newFolder(), "store");
  mkdirSync(store);
});

afterEach(() => {
  for (const listings of opened) listings.close();
  opened = [];
});

function listingsOf(tree: Tree): FolderListings {
  makeTree(store, tree);
  const listings = new FolderListings(store);
  opened.push(listings);
  return listings;
}

function asked(part: Partial<ListRequest> = {}): ListRequest {
  return { account: "~", container: "c", prefix: "", marker: "", limit: 100, ...part };
}

/** All names, page by page as the planner asks for them. */
async function allNames(listings: FolderListings, part: Partial<ListRequest>): Promise<string[]> {
  const request = asked(part);
  const names: string[] = [];
  for (;;) {
    const page = await listings.list({ ...request, marker: names.at(-1) ?? request.marker });
    if ("refusal" in page) throw new Error(page.refusal);
    names.push(...page.names);
    if (page.names.length < request.limit) return names;
  }
}

describe("FolderListings", () => {
  it("lists objects by their paths, in byte order, without empty folders", async () => {
    const tree = { "c/a/b": "", "c/a.txt": "", "c/a!": "", "c/b/": "", "c/\u{1f600}": "" };
    const listings = listingsOf({ ...tree, "c/\uff5e": "", other: "", "d/x": "" });
    const names = ["a!", "a.txt", "a/b", "\uff5e", "\u{1f600}"];
    expect(await listings.list(asked())).toEqual({ names });
    expect(await listings.list(asked({ prefix: "a" }))).toEqual({ names: names.slice(0, 3) });
    expect(await listings.list(asked({ prefix: "a/" }))).toEqual({ names: ["a/b"] });
    expect(await listings.list(asked({ marker: "a.txt", limit: 1 }))).toEqual({ names: ["a/b"] });
    expect(listings.leftOut).toEqual([]);
  });

  it("lists the folders of the store as its containers, and no files", async () => {
    const listings = listingsOf({ "c/x": "", "empty/": "", file: "", ".git/x": "" });
    const containers = { account: "~", prefix: "", marker: "", limit: 9 };
    expect(await listings.list(containers)).toEqual({ names: [".git", "c", "empty"] });
    expect(await listings.list({ ...containers, prefix: "e" })).toEqual({ names: ["empty"] });
    expect(await listings.list(asked({ container: "empty" }))).toEqual({ names: [] });
  });

  it("has one account, and no container outside of the store", async () => {
    const listings = listingsOf({ "c/x": "", "../outside/x": "", file: "" });
    for (const part of [
      { account: "other" },
      { container: "none" },
      { container: "file" },
      { container: "../outside" },
      { container: ".." },
      { container: "." },
      { container: "c/../c" },
      { container: "" },
      { container: "c\0" },
    ]) {
      expect(await listings.list(asked(part))).toEqual({ refusal: "missing" });
    }
  });

  it("never follows a link, and says what it left out", async () => {
    const listings = listingsOf({
      "../outside/secret": "",
      out: "-> ../outside",
      "c/file": "",
      "c/link": "-> file",
      "c/out": "-> ../../outside",
      "c/dangling": "-> nowhere",
    });
    execFileSync("mkfifo", [join(store, "c", "pipe")]);
    expect(await listings.list(asked())).toEqual({ names: ["file"] });
    expect(await listings.list(asked({ container: "out" }))).toEqual({ refusal: "missing" });
    const containers = { account: "~", prefix: "", marker: "", limit: 9 };
    expect(await listings.list(containers)).toEqual({ names: ["c"] });
    const link = "it is a symbolic link";
    expect([...listings.leftOut].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: "c/dangling", reason: link },
      { path: "c/link", reason: link },
      { path: "c/out", reason: link },
      { path: "c/pipe", reason: "it is no regular file" },
      { path: "out", reason: "it is no folder, or a symbolic link" },
    ]);
  });

  it("takes the folder itself by a link", async () => {
    makeTree(store, { "c/x": "" });
    symlinkSync(store, `${store}-link`);
    const listings = new FolderListings(`${store}-link`);
    opened.push(listings);
    expect(await listings.list(asked())).toEqual({ names: ["x"] });
  });

  it("leaves out names that are no UTF-8, too long or nested too deeply", async () => {
    const deep = `${"d/".repeat(300)}x`;
    const long = `${"n".repeat(250)}/`.repeat(5);
    const listings = listingsOf({ "c/ok": "", [`c/${deep}`]: "", [`c/${long}`]: "" });
    const broken = [Buffer.from(`${store}/c/b`), Buffer.of(0xff)];
    writeFileSync(Buffer.concat(broken), "");
    expect(await listings.list(asked())).toEqual({ names: ["ok"] });
    expect(listings.leftOut.map(({ reason }) => reason)).toEqual([
      "its name is no UTF-8",
      "folders are nested more than 256 deep",
      "its name has more than 1024 bytes",
    ]);
    expect(listings.leftOut[0]?.path).toBe("c/b\ufffd");
  });

  it("counts what it left out only so far", async () => {
    const links = Array.from({ length: MOST_LEFT_OUT + 9 }, (_, at) => [`c/l${at}`, "-> x"]);
    const listings = listingsOf(Object.fromEntries(links) as Tree);
    expect(await listings.list(asked())).toEqual({ names: [] });
    expect(listings.leftOut).toHaveLength(MOST_LEFT_OUT);
  });

  it("keeps a mark at the start of a name", async () => {
    const listings = listingsOf({ "c/\ufeffx": "" });
    expect(await listings.list(asked())).toEqual({ names: ["\ufeffx"] });
  });

  it("holds no descriptor after its end, wherever a listing stood", async () => {
    const before = descriptorCount();
    const listings = listingsOf({ "c/a/b/1": "", "c/a/b/2": "", "d/1": "", "d/2": "" });
    expect(await listings.list(asked({ limit: 1 }))).toEqual({ names: ["a/b/1"] });
    expect(await listings.list(asked({ container: "d", limit: 1 }))).toEqual({ names: ["1"] });
    expect(descriptorCount()).toBeGreaterThan(before);
    listings.close();
    opened = [];
    expect(descriptorCount()).toBe(before);
  });

  it("goes on where a folder was removed meanwhile", async () => {
    const listings = listingsOf({ "c/a/1": "", "c/b/1": "", "c/z": "" });
    expect(await listings.list(asked({ limit: 1 }))).toEqual({ names: ["a/1"] });
    execFileSync("rm", ["-r", join(store, "c", "b")]);
    expect(await listings.list(asked({ marker: "a/1" }))).toEqual({ names: ["z"] });
  });

  const part = fc.constantFrom("a", "b", "a.", "a!", "ab", "é", "\u{1f600}", "\uff5e", "0");
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const prefixes = fc.constantFrom("", "a", "a/", "a/b", "é", "ab/a!", "zz", "a.");

  it("gives what sorting all paths by their bytes gives, in pages of any size", async () => {
    let at = 0;
    const judge = async (paths: string[], prefix: string, marker: string, limit: number) => {
      const container = `c${++at}`;
      const files = filesOnly(paths);
      const tree = Object.fromEntries(files.map((file) => [`${container}/${file}`, ""]));
      const listings = listingsOf({ [`${container}/`]: "", ...tree });
      const expected = files
        .filter((file) => file.startsWith(prefix) && compareBytes(file, marker) > 0)
        .sort(compareBytes);
      expect(await allNames(listings, { container, prefix, marker, limit })).toEqual(expected);
      listings.close();
      opened = [];
    };
    const many = fc.uniqueArray(path, { maxLength: 20 });
    const limits = fc.integer({ min: 1, max: 5 });
    const markers = fc.oneof(fc.constant(""), path);
    await fc.assert(fc.asyncProperty(many, prefixes, markers, limits, judge), { numRuns: 150 });
  });
});

function descriptorCount(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Of paths of which one goes through another, the longer ones. */
function filesOnly(paths: readonly string[]): string[] {
  return paths.filter((file) => !paths.some((other) => other.startsWith(`${file}/`)));
}

function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
