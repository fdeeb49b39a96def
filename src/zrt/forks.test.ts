import { expect, test } from "vitest";
import { NaclTestGuest } from "../../test/support/nacl-guest.ts";

/** Those below are the streams, and the root. */
const FIRST = 4;
const MOST = 60_000;

function goingOn(forks: readonly number[]): NaclTestGuest {
  return new NaclTestGuest({ forks, limits: { "open-files": MOST } });
}

/** Descriptors from `FIRST` on. */
function descriptors(count: number): number[] {
  return Array.from({ length: count }, (_, index) => FIRST + index);
}

test("a guest goes on with as many files as it may have", () => {
  const guest = goingOn(descriptors(MOST - FIRST));
  expect(guest.call("close", MOST - 1)).toBe(0);
  expect(guest.call("close", MOST - 1)).toBeLessThan(0);
});

test.each([
  ["a descriptor behind the last one", descriptors(MOST - FIRST + 1), `descriptor ${MOST}, which`],
  ["a descriptor that is a folder", [3], "descriptor 3, which is another here"],
  [
    "more than it may have",
    descriptors(2 ** 20),
    `with ${2 ** 20} open files, and may have ${MOST}`,
  ],
])("it is refused with %s", (_, forks, message) => {
  expect(() => goingOn(forks)).toThrow(message);
});
