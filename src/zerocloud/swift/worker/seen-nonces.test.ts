import { expect, test } from "vitest";
import { SeenNonces } from "./seen-nonces.ts";

test("a nonce is taken once while its signature may be good", () => {
  let nowMs = 0;
  const seen = new SeenNonces(() => nowMs);
  expect([seen.take("a"), seen.take("b"), seen.take("a")]).toEqual([true, true, false]);
  nowMs = 120_000;
  expect(seen.take("a")).toBe(false);
  nowMs = 200_000;
  expect(seen.take("a")).toBe(true);
});
