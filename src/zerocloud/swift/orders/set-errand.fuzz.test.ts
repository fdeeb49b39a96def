import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZvmError } from "../../../base/index.ts";
import {
  isTransactionOfSet,
  transactionOf,
  unpackHoldAnswer,
  unpackSetErrand,
} from "./set-errand.ts";

const TICKET = "0f".repeat(16);
const HOLD = {
  ...{ ticket: TICKET, id: 3, set: TICKET, since: 1_800_000_000_000, key: "ab".repeat(32) },
  reads: ["s/1>3"],
};
const ANSWER = { held: true, behind: false, places: 4, door: { port: 6300, host: "10.0.0.5" } };

function verdictOn(unpack: (text: string) => unknown, value: unknown): string {
  try {
    return unpack(JSON.stringify(value)) === undefined ? "something else" : "taken";
  } catch (error) {
    return error instanceof ZvmError ? error.code : String(error);
  }
}

describe("what concerns a connected set before its nodes run", () => {
  it("is told from orders, and taken as it was sent", () => {
    for (const errand of [
      { version: 1, hold: HOLD },
      { version: 1, release: [TICKET] },
    ]) {
      expect(unpackSetErrand(JSON.stringify(errand))).toEqual(errand);
    }
    expect(verdictOn(unpackSetErrand, { version: 1, job: "j" })).toBe("something else");
    expect(unpackHoldAnswer(JSON.stringify(ANSWER))).toEqual(ANSWER);
  });

  it("is refused where a part of it is another", () => {
    const faults = [
      ...[{ ticket: "x" }, { id: 0 }, { set: "" }, { since: -1 }, { key: "ab" }, { reads: [7] }],
      { reads: "s/1>3" },
    ];
    for (const fault of faults) {
      const errand = { version: 1, hold: { ...HOLD, ...fault } };
      expect([fault, verdictOn(unpackSetErrand, errand)]).toEqual([fault, "ZVM_SWIFT_WIRE"]);
    }
    for (const errand of [
      { version: 2, hold: HOLD },
      { version: 1, release: ["x"] },
      { version: 1, release: TICKET },
    ]) {
      expect(verdictOn(unpackSetErrand, errand)).toBe("ZVM_SWIFT_WIRE");
    }
    const answers = [{ held: 1 }, { behind: null }, { places: -1 }, { door: {} }, { door: "x" }];
    for (const fault of answers) {
      expect(verdictOn(unpackHoldAnswer, { ...ANSWER, ...fault })).toBe("ZVM_SWIFT_WIRE");
    }
  });

  it("of any JSON is taken, refused in words, or something else", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(["something else", "ZVM_SWIFT_WIRE"]).toContain(verdictOn(unpackSetErrand, value));
        expect(verdictOn(unpackHoldAnswer, value)).toBe("ZVM_SWIFT_WIRE");
      }),
    );
  });

  it("is known by the name of its transaction", () => {
    expect(isTransactionOfSet(transactionOf("5a0b3c", TICKET))).toBe(true);
    for (const name of ["5a0b3c", "", "undefined", `job/${TICKET}0`, "job/", `${TICKET}/x`]) {
      expect([name, isTransactionOfSet(name)]).toEqual([name, false]);
    }
  });
});
