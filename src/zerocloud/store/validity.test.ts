import { expect, test } from "vitest";
import { inContainer, putText } from "../../../test/support/fresh-store.ts";
import { storeForEachTest } from "../../../test/support/store-for-each-test.ts";

const fresh = storeForEachTest();

const A = inContainer("a");
const validRules = async () => (await fresh.store.objects.stat(A)).validRules;

/** Stores a text, and marks it as if it were a program. */
async function marked(): Promise<string> {
  const { file } = await putText(fresh.store, "a", "text");
  expect(await fresh.store.objects.markValid(A, file.sha256, 7)).toBe(true);
  return file.sha256;
}

test("a mark stays with the bytes: over restarts and new metadata, and changes no time", async () => {
  await marked();
  const before = await fresh.store.objects.stat(A);
  await fresh.store.objects.markValid(A, before.file.sha256, 8);
  expect(await fresh.store.objects.stat(A)).toEqual({ ...before, validRules: 8 });
  await fresh.reopen();
  expect(await validRules()).toBe(8);
  await fresh.store.objects.update(A, { metadata: { "x-object-meta-b": "1" } });
  expect(await validRules()).toBe(8);
});

test("other bytes have no mark, and get none that was meant for those before", async () => {
  const sha256 = await marked();
  await putText(fresh.store, "a", "texts");
  expect(await validRules()).toBeUndefined();
  expect(await fresh.store.objects.markValid(A, sha256, 7)).toBe(false);
  expect(await validRules()).toBeUndefined();
});

test("the same bytes, stored or copied once more, are judged once more", async () => {
  await marked();
  const to = inContainer("b");
  const copy = await fresh.store.objects.copy({ from: A, to });
  expect(copy.validRules).toBeUndefined();
  await putText(fresh.store, "a", "text");
  expect(await validRules()).toBeUndefined();
});

test("an object that became the manifest of others has none", async () => {
  await marked();
  await fresh.store.objects.update(A, { metadata: { "x-object-manifest": "c/parts/" } });
  expect(await validRules()).toBeUndefined();
});
