import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instanceOf, partOf, wishesOf } from "../../../test/support/job-results.ts";
import {
  accountingLine,
  accountingOf,
  answerOf,
  headerOf,
  headerValue,
  listEntry,
  NO_ACCOUNTING,
} from "./index.ts";

describe("listEntry", () => {
  it.each([
    ["ok.", "ok."],
    ["", "-"],
    [" \n", "-"],
    ["-", "%2D"],
    ["a,b", "a%2Cb"],
    ["100%", "100%25"],
    ["zwölf", "zw%C3%B6lf"],
    ["two\r\nlines\n", "two lines"],
    ["\ud800", "%EF%BF%BD"],
    ["tab\there", "tab%09here"],
  ])("writes %j as %j", (text, entry) => {
    expect(listEntry(text)).toBe(entry);
  });

  it("cuts what is long, and no character in two", () => {
    expect(decodeURIComponent(listEntry("ü".repeat(1000)))).toBe("ü".repeat(500));
    expect(decodeURIComponent(listEntry("😀".repeat(1000)))).toBe("😀".repeat(500));
  });
});

describe("headerValue", () => {
  it("keeps what is printable, percent signs too", () => {
    expect(headerValue(" /a%20b,c?ü ")).toBe("/a%20b,c?%C3%BC");
  });
});

const CHANNEL = { hostReads: 1, hostReadBytes: 20, hostWrites: 3, hostWriteBytes: 40 };

describe("accountingOf", () => {
  it("sums the channels, and those of the network by themselves", () => {
    const channels = ["/dev/stdin", "/dev/in/a", "/dev/out/b"].map((alias) => ({
      alias,
      ...CHANNEL,
    }));
    const costs = { times: { userMs: 1500, systemMs: 20 }, channels };
    const sums = accountingOf(costs, 2.5, (alias) => /^\/dev\/(?:in|out)\//.test(alias));
    expect(sums).toEqual({
      seconds: 2.5,
      systemSeconds: 0.02,
      userSeconds: 1.5,
      local: { reads: 1, readBytes: 20, writes: 3, writtenBytes: 40 },
      network: { reads: 2, readBytes: 40, writes: 6, writtenBytes: 80 },
    });
    expect(accountingLine(3, [{ accounting: sums }])).toBe(
      "3.000, 2.500, 0.02 1.50 1 20 3 40 2 40 6 80",
    );
  });

  it("is one number and pairs, of instances that never ran too", () => {
    const idle = { accounting: NO_ACCOUNTING };
    for (const count of [0, 1, 2, 5]) {
      const items = accountingLine(1, Array(count).fill(idle)).split(",");
      expect(items).toHaveLength(1 + 2 * count);
      for (const [index, item] of items.entries()) {
        expect(item.trim().split(" ")).toHaveLength(index === 0 || index % 2 === 1 ? 1 : 10);
      }
    }
  });
});

const anyInstance = fc
  .record({
    name: fc.string({ unit: "binary" }),
    statusText: fc.string({ unit: "binary" }),
    error: fc.string({ unit: "binary" }),
    policy: fc.string(),
    colocated: fc.string(),
    isCached: fc.boolean(),
    status: fc.oneof(fc.constantFrom(204, 304), fc.integer({ min: 200, max: 599 })),
    device: fc.string({ unit: "binary" }),
    headers: fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }))),
  })
  .map(({ device, headers, ...fields }) => {
    const etags = [{ device, hex: "00" }];
    return instanceOf("", { ...fields, etags, responses: [partOf("x", { device, headers })] });
  });

describe("answerOf with hostile results", () => {
  it("writes headers of printable ASCII, with lists that stay aligned", () => {
    fc.assert(
      fc.property(fc.array(anyInstance, { minLength: 1, maxLength: 5 }), (instances) => {
        const answer = answerOf({ instances, seconds: 1 }, wishesOf());
        for (const [name, value] of answer.headers) {
          expect(name).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
          expect(value).toMatch(/^[ -~]*$/);
        }
        for (const name of ["System", "Status", "Retcode", "Etag", "Policy", "Error"]) {
          const entries = headerOf(answer, `X-Nexe-${name}`)?.split(",") ?? [];
          expect(entries).toHaveLength(instances.length);
          expect(entries.every((entry) => entry !== "")).toBe(true);
        }
        const names = answer.headers.map(([name]) => name.toLowerCase());
        const lengths = names.filter((name) => name === "content-length");
        expect(lengths).toHaveLength(answer.status === 204 ? 0 : 1);
        expect(names.filter((name) => name === "x-nexe-status")).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});
