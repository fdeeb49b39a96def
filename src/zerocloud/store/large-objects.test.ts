import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bytesOfSpan, inContainer, putText, textOf } from "../../../test/support/fresh-store.ts";
import { storeForEachTest } from "../../../test/support/store-for-each-test.ts";
import type { ByteRange, SegmentRequest } from "./index.ts";

const fresh = storeForEachTest({
  options: { nowMs: () => 1_700_000_000_000 },
  fill: async (store) => {
    await putText(store, "s/1", "alpha");
    await putText(store, "s/2", "beta");
  },
});

async function put(object: string, segments: readonly SegmentRequest[]) {
  return await fresh.store.large.put(inContainer(object), { segments, contentType: "text/plain" });
}

async function read(object: string, range?: ByteRange): Promise<string> {
  const { spans } = await fresh.store.large.read(inContainer(object), range);
  let text = "";
  for await (const span of spans) text += await bytesOfSpan(span);
  return text;
}

const BOTH = [{ path: "/c/s/1" }, { path: "c/s/2" }];

describe("a large object", () => {
  it("is read as its segments, one after another", async () => {
    const stat = await put("o", BOTH);
    const etag = md5(md5("alpha") + md5("beta"));
    expect(stat).toMatchObject({ sizeBytes: 9, etag, isLarge: true, contentType: "text/plain" });
    expect(await read("o")).toBe("alphabeta");
    expect(await read("s/1")).toBe("alpha");
    for (let offset = 0; offset < 9; offset += 1) {
      for (let length = 1; length <= 9 - offset; length += 1) {
        const part = await read("o", { offset, length });
        expect(part).toBe("alphabeta".slice(offset, offset + length));
      }
    }
  });

  it("takes parts of segments", async () => {
    const stat = await put("o", [
      { path: "/c/s/1", range: "1-2" },
      { path: "/c/s/2", range: "-2" },
      { path: "/c/s/1", range: "0-" },
      { path: "/c/s/2", range: "2-100", etag: md5("beta").toUpperCase(), sizeBytes: 4 },
    ]);
    const etag = md5(`${md5("alpha")}:1-2;${md5("beta")}:2-3;${md5("alpha")}${md5("beta")}:2-3;`);
    expect(stat).toMatchObject({ sizeBytes: 11, etag });
    expect(await read("o")).toBe("lptaalphata");
    expect(await read("o", { offset: 1, length: 4 })).toBe("ptaa");
  });

  it("may have large objects as segments", async () => {
    await put("inner", BOTH);
    await put("outer", [{ path: "/c/s/2" }, { path: "/c/inner", range: "3-6" }]);
    expect(await read("outer")).toBe("betahabe");
    expect(await read("outer", { offset: 5, length: 2 })).toBe("ab");
  });

  it("is listed with the size of its segments, and counted with that of its manifest", async () => {
    const stat = await put("o", BOTH);
    const [line] = await fresh.store.containers.list({ account: "a", container: "c" });
    expect(line).toMatchObject({
      name: "o",
      sizeBytes: 9,
      etag: stat.file.etag,
      largeEtag: stat.etag,
    });
    expect(await fresh.store.containers.stat({ account: "a", container: "c" })).toMatchObject({
      sizeBytes: 9 + stat.file.sizeBytes,
    });
    expect(JSON.parse(await textOf(fresh.store, "o"))).toMatchObject([
      { name: "/c/s/1", hash: md5("alpha"), bytes: 5 },
      { name: "/c/s/2", hash: md5("beta"), bytes: 4 },
    ]);
  });

  it("is copied as a manifest", async () => {
    const stat = await put("o", BOTH);
    const copy = await fresh.store.objects.copy({ from: inContainer("o"), to: inContainer("p") });
    expect(copy).toMatchObject({ etag: stat.etag, isLarge: true });
    expect(await read("p")).toBe("alphabeta");
  });

  it("goes with its segments", async () => {
    await put("inner", BOTH);
    await put("outer", [{ path: "/c/inner" }, { path: "/c/s/2" }]);
    expect(await fresh.store.large.remove(inContainer("outer"))).toBe(4);
    expect(await fresh.store.accounts.stat("a")).toMatchObject({ objectCount: 0, sizeBytes: 0 });
    await putText(fresh.store, "plain", "x");
    const refused = fresh.store.large.remove(inContainer("plain"));
    await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_CONFLICT" });
  });

  it.each([
    ["changed", async () => void (await putText(fresh.store, "s/2", "BETA"))],
    ["removed", async () => fresh.store.objects.remove(inContainer("s/2"))],
  ])("cannot be read where a segment was %s", async (_, change) => {
    await put("o", BOTH);
    await change();
    await expect(read("o")).rejects.toMatchObject({ code: "ZVM_STORE_CONFLICT" });
    expect(await read("o", { offset: 1, length: 4 })).toBe("lpha");
  });

  it.each([
    ["no segments", [], "1 to 1000"],
    ["too many", Array.from({ length: 1001 }, () => ({ path: "/c/s/1" })), "not 1001"],
    ["one that is not there", [{ path: "/c/none" }], "/c/none, 404 Not Found"],
    ["one in no container", [{ path: "/none/x" }], "/none/x, 404 Not Found"],
    ["a path without an object", [{ path: "/c" }], "not /container/object"],
    ["another etag", [{ path: "/c/s/1", etag: md5("x") }], md5("alpha")],
    ["another size", [{ path: "/c/s/1", sizeBytes: 4 }], "it has 5 bytes"],
    ["bytes beyond the end", [{ path: "/c/s/1", range: "5-6" }], "no bytes 5-6"],
    ["two ranges", [{ path: "/c/s/1", range: "0-1,3-4" }], "no bytes"],
    ["itself", [{ path: "/c/o" }], "its own segment"],
  ])("is refused with %s", async (_, segments, message) => {
    await expect(put("o", segments)).rejects.toMatchObject({
      code: "ZVM_STORE_MANIFEST",
      message: expect.stringContaining(message),
    });
  });

  it("names every finding, and refuses empty segments and another etag", async () => {
    await putText(fresh.store, "empty", "");
    const both = put("o", [{ path: "/c/empty" }, { path: "/c/none" }]);
    await expect(both).rejects.toMatchObject({
      message: expect.stringMatching(
        /^Errors:\n\/c\/empty, Too Small.*\n\/c\/none, 404 Not Found$/,
      ),
    });
    const request = { segments: BOTH, etag: md5("x") };
    const other = fresh.store.large.put(inContainer("o"), request);
    await expect(other).rejects.toMatchObject({ code: "ZVM_STORE_ETAG" });
  });
});

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
