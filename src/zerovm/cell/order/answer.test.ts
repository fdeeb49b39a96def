import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changedAt, fullOrder, placesOf, REMOVED } from "../../../../test/support/orders.ts";
import { type Answer, encodeAnswer, parseAccount, parseAnswer, shortAnswer } from "./answer.ts";
import type { CellOutcome } from "./answer-outcome.ts";

const COUNTS = {
  gets: 1,
  getBytes: 2,
  puts: 3,
  putBytes: 4,
  hostReads: 5,
  hostReadBytes: 6,
  hostWrites: 7,
  hostWriteBytes: 8,
  interactive: false,
};

function fullAnswer(outcome: CellOutcome = { kind: "exited", code: 0 }): Answer {
  const digest = "a".repeat(64);
  return {
    version: 1,
    outcome,
    channels: [
      { alias: "/dev/stdin", ...COUNTS, hit: [] },
      { alias: "/dev/\xff", ...COUNTS, etag: digest, digest, hit: ["gets", "put-bytes"] },
    ],
    memory: { linearBytes: 65_536, etag: digest },
    hits: ["open-files"],
    denied: [{ path: "/x", wanted: "read", errno: 2 }],
    warnings: ["a warning"],
    traceHash: "b".repeat(64),
    usage: { userMs: 1.5, systemMs: 0, residentBytes: 1 },
    times: { aliveAtMs: 5, startMs: 1, compileMs: 2, instantiateMs: 3, guestMs: 4, finishMs: 5 },
  };
}

/** Who reads it knows from the order which channels lead to other sessions: the last one does. */
function asRead<Said extends Pick<Answer, "channels">>(answer: Said): Said {
  const last = answer.channels.length - 1;
  const channels = answer.channels.map((channel, index) => {
    return index === last ? { ...channel, network: true as const } : channel;
  });
  return { ...answer, channels };
}

function parse(value: unknown): Answer {
  return parseAnswer(JSON.stringify(value), fullOrder());
}

/** As a cell writes it down: numbers beyond JSON are text. */
const FROZEN = { values: ["7", `${2n ** 64n - 1n}`], clockNs: "5", entropyBytes: "0" };

describe("answers with a frozen guest", () => {
  test("come back as they were written", () => {
    const frozen = { values: [7n, 2n ** 64n - 1n], clockNs: 5n, entropyBytes: 0n, problems: [] };
    const answer = { ...fullAnswer(), frozen };
    expect(parseAnswer(encodeAnswer(answer), fullOrder())).toEqual(asRead(answer));
    expect(shortAnswer(answer)).not.toHaveProperty("frozen");
  });

  test.each([
    [{ ...FROZEN, problems: [], values: ["7"] }, "lacks values"],
    [{ ...FROZEN, problems: [], values: ["7", "7", "7"] }, "has more than 2 elements"],
    [{ ...FROZEN, problems: [], values: ["7", `${2n ** 64n}`] }, "is more than"],
    [{ ...FROZEN, problems: [], values: ["7", "-1"] }, "is no decimal number"],
    [{ ...FROZEN, problems: [1] }, "is no text"],
    [{ ...FROZEN, problems: [], more: 1 }, "has an unknown field"],
    [FROZEN, 'has no field "problems"'],
  ])("are refused when they do not fit: %j", (frozen, message) => {
    expect(() => parse({ ...fullAnswer(), frozen })).toThrow(message);
  });

  test("are refused where nobody asked for one", () => {
    const { freezes: _, ...order } = fullOrder();
    const text = JSON.stringify({ ...fullAnswer(), frozen: { ...FROZEN, problems: [] } });
    expect(() => parseAnswer(text, order)).toThrow("which nobody asked for");
  });
});

describe("accounts of a guest that waits", () => {
  test("are answers but for the end of the trace", () => {
    const { traceHash: _, ...account } = fullAnswer();
    expect(parseAccount(encodeAnswer(account), fullOrder())).toEqual(asRead(account));
    expect(() => parseAccount(encodeAnswer(fullAnswer()), fullOrder())).toThrow("unknown field");
    expect(() => parse(account)).toThrow('has no field "traceHash"');
  });
});

describe("answers", () => {
  test.each<CellOutcome>([
    { kind: "exited", code: -1 },
    { kind: "faulted", fault: "table", message: "m", functionIndex: 7 },
    { kind: "faulted", fault: "other", message: "m" },
    { kind: "limited", limit: "stack" },
    { kind: "lost", cause: "host", message: "m", code: 5 },
    { kind: "refused", message: "m" },
  ])("come back as they were written: %j", (outcome) => {
    expect(parse(fullAnswer(outcome))).toEqual(asRead(fullAnswer(outcome)));
  });

  test("that are cut short still fit their order", () => {
    const short = shortAnswer(fullAnswer());
    expect(parse(short).outcome).toEqual({ kind: "limited", limit: "report" });
    expect(short.denied).toEqual([]);
  });

  test.each([
    [["outcome", "kind"], "won", "The answer.outcome.kind is none of"],
    [["outcome", "code"], 2 ** 31, "not within"],
    [["channels", "1", "alias"], "/dev/other", "The answer.channels[1] is not /dev/"],
    [["channels", "0", "etag"], "a".repeat(64), "has or lacks an etag"],
    [["channels", "1", "etag"], "A".repeat(64), "is no hash"],
    [["channels", "1", "etag"], "a".repeat(65), "is longer than 64 characters"],
    [["channels", "1"], REMOVED, "does not name every channel"],
    [["channels", "1", "gets"], 2 ** 53, "is no integer"],
    [["memory", "etag"], REMOVED, "has or lacks an etag"],
    [["memory", "linearBytes"], 2 ** 33, "not within"],
    [["hits"], ["everything"], "is none of"],
    [["denied", "0", "errno"], 0, "not within"],
    [["usage", "userMs"], -1, "is no measure"],
    [["times", "guestMs"], "1", "is no measure"],
    [["warnings", "0"], "x".repeat(70_000), "is longer than"],
    [["surprise"], 1, "has an unknown field"],
  ])("name what is wrong at %j", (path, change, message) => {
    expect(() => parse(changedAt(fullAnswer(), path, change))).toThrow(message);
  });

  test("that are hostile give an answer of the declared form or one error", () => {
    const good = fullAnswer();
    const places = placesOf(good);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (path, change) => {
        let answer: Answer;
        try {
          answer = parse(changedAt(good, path, change));
        } catch (error) {
          expect(error).toMatchObject({ code: "ZVM_ORDER" });
          return;
        }
        expect(Object.keys(answer).sort()).toEqual(Object.keys(good).sort());
        expect(answer.channels).toHaveLength(2);
      }),
      { numRuns: 1000 },
    );
  });
});
