import { expect, test } from "vitest";
import { inContainer, putText } from "../../../test/support/fresh-store.ts";
import { storeForEachTest } from "../../../test/support/store-for-each-test.ts";
import { StoreStorage } from "../embedded/index.ts";
import type { InputRange } from "../request/index.ts";
import { bytesOfPieces } from "../run/index.ts";
import { rangedStorage } from "./ranged-storage.ts";

const fresh = storeForEachTest({
  fill: async (store) => {
    await putText(store, "s1", "01234");
    await putText(store, "s2", "56789");
    const data = ["ab", "cd"].map((text) => ({ data: btoa(text) }));
    const mixed = [...data, { path: "/c/s1" }, ...data];
    await store.large.put(inContainer("mixed"), { segments: mixed });
    await store.large.put(inContainer("big"), { segments: [{ path: "/c/s1" }, { path: "/c/s2" }] });
  },
});

async function read(object: string, range: InputRange, ranged = "big"): Promise<string> {
  const whole = new StoreStorage(fresh.store, { names: ["a"], owns: "a" });
  const storage = rangedStorage(whole, { item: inContainer(ranged), range });
  const reading = await storage.read(inContainer(object));
  try {
    const pieces: Uint8Array[] = [];
    for await (const piece of bytesOfPieces(reading.pieces)) pieces.push(piece);
    const text = Buffer.concat(pieces).toString();
    expect(reading.stat.sizeBytes).toBe(text.length);
    return text;
  } finally {
    await reading.close();
  }
}

test.each([
  [{ kind: "from", startBytes: 3, lastBytes: 6 }, "3456"],
  [{ kind: "from", startBytes: 5 }, "56789"],
  [{ kind: "from", startBytes: 0, lastBytes: 4 }, "01234"],
  [{ kind: "last", sizeBytes: 1 }, "9"],
] as const)("of an object of several pieces %j are %s", async (range, text) => {
  expect(await read("big", range)).toBe(text);
});

test("other objects are whole, and a range that begins behind the end is refused", async () => {
  expect(await read("s1", { kind: "last", sizeBytes: 1 })).toBe("01234");
  await expect(read("big", { kind: "from", startBytes: 10 })).rejects.toMatchObject({
    code: "ZVM_HTTP_RANGE",
  });
});

test("what is known of the bytes of the whole is not said of a part", async () => {
  const { sha256 } = (await fresh.store.objects.stat(inContainer("s1"))).file;
  await fresh.store.objects.markValid(inContainer("s1"), sha256, 1);
  const whole = new StoreStorage(fresh.store, { names: ["a"], owns: "a" });
  expect(await whole.stat(inContainer("s1"))).toMatchObject({ sha256, validRules: 1 });
  const range = { kind: "from", startBytes: 1 } as const;
  const storage = rangedStorage(whole, { item: inContainer("s1"), range });
  const reading = await storage.read(inContainer("s1"));
  await reading.close();
  for (const stat of [await storage.stat(inContainer("s1")), reading.stat]) {
    expect(stat).not.toHaveProperty("sha256");
    expect(stat).not.toHaveProperty("validRules");
  }
  expect(await storage.stat(inContainer("s2"))).toHaveProperty("sha256");
});

test("every part of an object with bytes of its manifest is right", async () => {
  const text = "abcd01234abcd";
  for (let start = 0; start < text.length; start += 1) {
    for (let last = start; last < text.length; last += 1) {
      const range = { kind: "from", startBytes: start, lastBytes: last } as const;
      expect(await read("mixed", range, "mixed")).toBe(text.slice(start, last + 1));
    }
  }
});
