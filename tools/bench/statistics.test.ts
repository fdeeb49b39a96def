import { describe, expect, test } from "vitest";
import { atLeast, atMost, median, medianDifference } from "./statistics.ts";

describe("median", () => {
  test.each([
    { samples: [3], middle: 3 },
    { samples: [9, 1, 5], middle: 5 },
    { samples: [4, 1, 3, 2], middle: 2.5 },
    { samples: [10, 9, 100, 1], middle: 9.5 },
  ])("of $samples is $middle", ({ samples, middle }) => {
    expect(median(samples)).toBe(middle);
  });

  test("leaves the samples in their order and needs one", () => {
    const samples = [3, 1, 2];
    median(samples);
    expect(samples).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow("no samples");
  });
});

describe("medianDifference", () => {
  test("compares pair by pair, so that a load which comes and goes does not count", () => {
    expect(medianDifference([10, 100, 12], [15, 105, 16])).toBe(5);
    expect(medianDifference([10, 10], [9, 9])).toBe(-1);
  });

  test("refuses samples without a partner", () => {
    expect(() => medianDifference([1], [1, 2])).toThrow("equal counts");
  });
});

describe("verdicts", () => {
  test("a bar that is just reached is met", () => {
    expect(atMost("time", 20, 20).isMet).toBe(true);
    expect(atMost("time", 20.1, 20).isMet).toBe(false);
    expect(atLeast("rate", 0.9, 0.9).isMet).toBe(true);
    expect(atLeast("rate", 0.89, 0.9)).toEqual({
      bar: "rate",
      value: 0.89,
      limit: 0.9,
      isMet: false,
    });
  });
});
