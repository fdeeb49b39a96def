import { expect, test } from "vitest";
import { type PlacedProgram, programToDrop } from "./program-places.ts";

const LIMITS = { programs: 3, bytes: 100 };

/** Programs from the one that was used first: account, bytes, and `j` where it was judged only. */
function placed(...texts: readonly string[]): Map<string, PlacedProgram> {
  return new Map(
    texts.map((text) => {
      const [account = "", size = "1", judged] = text.split(" ");
      return [text, { account, sizeBytes: Number(size), isRun: judged === undefined }];
    }),
  );
}

test.each([
  ["nothing where all have room", ["a 1", "b 2", "a 3"], undefined],
  ["the oldest of the account that has most", ["b 1", "a 2", "a 3", "a 4"], "a 2"],
  ["the oldest where all have as many", ["a 1", "b 2", "c 3", "d 4"], "a 1"],
  ["what was only judged, also of who has less", ["a 1", "b 2 j", "a 3", "a 4"], "b 2 j"],
  ["the oldest of the account with most bytes", ["b 40", "a 41", "a 42"], "a 41"],
  ["nothing else than one, however large", ["a 1000"], undefined],
])("what goes is %s", (_, texts, goes) => {
  expect(programToDrop(placed(...texts), LIMITS)).toBe(goes);
});
