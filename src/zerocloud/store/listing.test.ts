import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inContainer, upload } from "../../../test/support/fresh-store.ts";
import { storeForEachTest } from "../../../test/support/store-for-each-test.ts";
import { isFolder, type Listed, type ListingQuery } from "./index.ts";

const fresh = storeForEachTest();

const CONTAINER = { account: "a", container: "c" };

async function store(names: Iterable<string>): Promise<void> {
  const puts = [...names].map((name) =>
    fresh.store.objects.put(inContainer(name), { source: upload("") }),
  );
  await Promise.all(puts);
}

function shown(listed: readonly Listed<{ readonly name: string }>[]): string[] {
  return listed.map((line) => (isFolder(line) ? `${line.subdir} (folder)` : line.name));
}

async function list(query: ListingQuery): Promise<string[]> {
  return shown(await fresh.store.containers.list(CONTAINER, query));
}

/** What Swift lists, said by looking at every name: slow, and with nothing but comparisons. */
function expected(names: Iterable<string>, query: ListingQuery): string[] {
  const { reverse = false, limit = 10_000 } = query;
  const path = query.path?.replace(/\/*$/, query.path === "" ? "" : "/");
  const prefix = path ?? query.prefix ?? "";
  const delimiter = path === undefined ? (query.delimiter ?? "") : "/";
  const [lower = "", upper = ""] = reverse
    ? [query.endMarker, query.marker]
    : [query.marker, query.endMarker];
  const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const found = [...new Set(names)]
    .filter((name) => name.startsWith(prefix))
    .filter((name) => lower === "" || order(name, lower) > 0)
    .filter((name) => upper === "" || order(name, upper) < 0)
    .sort(order);
  const lines = new Set<string>();
  for (const name of reverse ? found.reverse() : found) {
    const at = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length);
    const folder = name.slice(0, at + delimiter.length);
    if (path !== undefined) {
      if (name !== path && (at < 0 || folder === name)) lines.add(name);
    } else if (at < 0) lines.add(name);
    else if (folder !== lower) lines.add(`${folder} (folder)`);
  }
  return [...lines].slice(0, limit);
}

describe("a listing", () => {
  it("is in the order of UTF-8, not of UTF-16", async () => {
    const names = ["b", "a/1", "\u{1f600}", "\uffee", "a", "Z", "é", "a b"];
    await store(names);
    expect(await list({})).toEqual(["Z", "a", "a b", "a/1", "b", "é", "\uffee", "\u{1f600}"]);
  });

  it("shows folders once, also behind a marker inside one", async () => {
    await store(["p/a", "p/b", "p/c/d", "q", "r/x"]);
    expect(await list({ delimiter: "/" })).toEqual(["p/ (folder)", "q", "r/ (folder)"]);
    expect(await list({ delimiter: "/", marker: "p/" })).toEqual(["q", "r/ (folder)"]);
    expect(await list({ delimiter: "/", marker: "p/a" })).toEqual([
      "p/ (folder)",
      "q",
      "r/ (folder)",
    ]);
    expect(await list({ prefix: "p/", delimiter: "/", reverse: true })).toEqual([
      "p/c/ (folder)",
      "p/b",
      "p/a",
    ]);
  });

  it("lists what lies in a path, markers of folders included", async () => {
    await store(["d/", "d/x", "d/e/", "d/e/y", "d0", "z"]);
    expect(await list({ path: "d" })).toEqual(["d/e/", "d/x"]);
    expect(await list({ path: "" })).toEqual(["d/", "d0", "z"]);
    expect(await list({ path: "", reverse: true })).toEqual(["z", "d0", "d/"]);
  });

  it("tells of each object what its readers get", async () => {
    const stat = await fresh.store.objects.put(inContainer("o"), {
      source: upload("hello"),
      contentType: "text/plain",
    });
    const [line] = await fresh.store.containers.list(CONTAINER);
    const { etag, modifiedAt } = stat;
    expect(line).toEqual({ name: "o", sizeBytes: 5, etag, contentType: "text/plain", modifiedAt });
  });

  it.each([
    { limit: -1 },
    { limit: 10_001 },
    { limit: 1.5 },
    { prefix: "a\0" },
    { marker: "\ud800" },
    { path: "x", delimiter: "/" },
  ])("refuses %o", async (query) => {
    await expect(list(query)).rejects.toMatchObject({ code: "ZVM_STORE_LISTING" });
  });

  it("needs its container", async () => {
    const missing = fresh.store.containers.list({ account: "a", container: "none" });
    await expect(missing).rejects.toMatchObject({ code: "ZVM_STORE_NOT_FOUND" });
  });
});

const WORD = fc.string({
  unit: fc.constantFrom("a", "b", "/", "/", "-", "é", "\u{1f600}", "\uffee", "\x01", "."),
  minLength: 1,
  maxLength: 6,
});

const QUERY = fc.record(
  {
    prefix: fc.oneof(fc.constantFrom("", "a", "a/"), WORD),
    delimiter: fc.constantFrom("", "/", "-", "//", "é", "a"),
    marker: WORD,
    endMarker: WORD,
    reverse: fc.boolean(),
    limit: fc.integer({ min: 0, max: 8 }),
  },
  { requiredKeys: [] },
);

const PATH_QUERY = fc.record(
  {
    path: fc.constantFrom("", "a", "a/", "a//", "é"),
    marker: WORD,
    endMarker: WORD,
    reverse: fc.boolean(),
    limit: fc.integer({ min: 0, max: 8 }),
  },
  { requiredKeys: ["path"] },
);

describe("listings of any names", () => {
  it("are those that looking at every name gives", async () => {
    const names = fc.sample(WORD, { numRuns: 400, seed: 7 });
    await store(names);
    await fc.assert(
      fc.asyncProperty(fc.oneof(QUERY, PATH_QUERY), async (query) => {
        expect(await list(query as ListingQuery)).toEqual(expected(names, query as ListingQuery));
      }),
      { numRuns: 1500 },
    );
  });

  it("give every name once when read by pages", async () => {
    const names = fc.sample(WORD, { numRuns: 100, seed: 8 });
    await store(names);
    for (const reverse of [false, true]) {
      const pages: string[] = [];
      for (let marker: string | undefined; ; ) {
        const page = await list({ limit: 7, reverse, ...(marker === undefined ? {} : { marker }) });
        pages.push(...page);
        marker = page.at(-1);
        if (page.length < 7) break;
      }
      expect(pages).toEqual(expected(names, { reverse }));
    }
  });
});
