import { expect, test } from "vitest";
import { compare } from "../../../test/fuzz/validator/compare.ts";

/** `npm run test:fuzz -- --validator N` judges as many as one wants. */
const SEQUENCES = 4000;

test("random sequences are judged as the slow checker judges them, finding by finding", () => {
  let valid = 0;
  for (let seed = 0; seed < SEQUENCES; seed++) {
    const { isValid, difference } = compare(seed);
    expect(difference).toBeUndefined();
    if (isValid) valid++;
  }
  // Neither all refused nor all accepted: else the comparison would show little.
  expect(valid).toBeGreaterThan(SEQUENCES / 20);
  expect(valid).toBeLessThan(SEQUENCES / 2);
});
