import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { randomCode } from "../../../test/fuzz/validator/sequences.ts";
import { Decoder } from "../x86/index.ts";
import { FINDINGS_MAX, type Verdict, validate } from "./index.ts";

const BUNDLE_BYTES = 32;
const HLT = 0xf4;
const BAD_INDEX = "improper memory address - bad index";
const R15_JUMP = [
  "0: error - %r15 is changed",
  "4: error - %r15 is changed",
  "7: unrecognized instruction",
];
const OR_RBP = ["2: improper %rbp sandboxing", "2: error - %bpl or %bp is changed"];

function code(...bundles: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(bundles.length * BUNDLE_BYTES).fill(HLT);
  bundles.forEach((hex, at) => {
    bytes.set(Buffer.from(hex.replaceAll(" ", ""), "hex"), at * BUNDLE_BYTES);
  });
  return bytes;
}

function lines({ findings }: Pick<Verdict, "findings">): string[] {
  return findings.map(({ offset, reason }) => `${offset.toString(16)}: ${reason}`);
}

function linesOf(hex: string, policy: "zerovm" | "nacl" = "zerovm"): string[] {
  return lines(validate(code(hex), { policy }));
}

/** Bytes that look like anything, the same ones each time. */
function noise(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let state = 1;
  for (let at = 0; at < sizeBytes; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

describe("the rules", () => {
  test.each([
    ["a return", "c3", ["0: unrecognized instruction"]],
    ["a jump through a register", "ff e0", ["0: unrecognized instruction"]],
    ["a masked jump", "83 e0 e0 4c 01 f8 ff e0", []],
    ["a masked jump through rsp", "83 e4 e0 4c 01 fc ff e4", []],
    ["a masked jump through r15", "41 83 e7 e0 4d 01 ff 41 ff e7", R15_JUMP],
    ["a mask of another register", "83 e3 e0 4c 01 f8 ff e0", ["6: unrecognized instruction"]],
    ["memory below rax", "8b 00", ["0: improper memory address - bad base"]],
    ["an index that nothing restricts", "41 8b 04 07", [`0: ${BAD_INDEX}`]],
    ["an index that is restricted", "89 c0 41 8b 04 07", []],
    ["a nop between them", "89 c0 90 41 8b 04 07", [`3: ${BAD_INDEX}`]],
    ["a whole pair", "83 ec 08 4c 01 fc", []],
    ["the first half", "83 ec 08", ["3: improper %rsp sandboxing"]],
    ["the second half", "4c 01 fd", ["0: improper %rbp sandboxing"]],
    ["or for rbp, which is for rsp only", "89 c5 4c 09 fd", OR_RBP],
    ["pop of rbp", "5d", ["0: error - %bpl or %bp is changed"]],
    ["a sum in rsp", "48 83 ec 08", ["0: error - %spl or %sp is changed"]],
    ["a write of r15", "41 b7 01", ["0: error - %r15 is changed"]],
    [
      "spl, which has a REX prefix, and ah, which has none",
      "40 b4 01 b4 01",
      ["0: error - %spl or %sp is changed"],
    ],
    ["a jump into an instruction", "b8 00 00 00 00 eb fc", ["5: bad jump target"]],
    ["a jump to a bundle far away", "e9 fb ff 00 00", []],
    ["a jump beyond the end", "eb 7f", ["0: direct jump out of range"]],
    ["a string instruction by itself", "f3 a4", ["0: unrecognized instruction"]],
    ["one with its superinstruction", "89 ff 49 8d 3c 3f f3 aa", []],
    ["one behind the pieces of another", "89 f6 49 8d 34 37 aa", ["6: unrecognized instruction"]],
  ])("%s", (_name, hex, expected) => {
    expect(linesOf(hex)).toEqual(expected);
  });

  test("an instruction across the end of a bundle is none, and the next bundle is read", () => {
    const bytes = code("", "c3");
    bytes.set([0xb8, 0, 0], BUNDLE_BYTES - 3);
    const expected = ["1d: unrecognized instruction", "20: unrecognized instruction"];
    expect(lines(validate(bytes, { policy: "nacl" }))).toEqual(expected);
  });

  test("half a pair at the end of a bundle is found at the end", () => {
    const bytes = code("", "4c 01 fc");
    bytes.set([0x89, 0xc4], BUNDLE_BYTES - 2);
    const reason = "20: improper %rsp sandboxing";
    expect(lines(validate(bytes, { policy: "nacl" }))).toEqual([reason, reason]);
  });

  test("a call that does not end with its bundle is only a warning", () => {
    const verdict = validate(code("e8 fb ff ff ff"), { policy: "zerovm" });
    expect(verdict).toEqual({
      valid: true,
      findings: [],
      moreFindings: 0,
      warnings: [{ offset: 0, reason: "warning - bad call alignment" }],
      moreWarnings: 0,
    });
  });

  test("no code at all is valid", () => {
    expect(validate(new Uint8Array(0), { policy: "zerovm" }).valid).toBe(true);
  });
});

describe("the policies", () => {
  test.each([
    ["rdtsc", "0f 31", ["nacl"]],
    ["lahf", "9f", ["nacl"]],
    ["sahf", "9e", ["nacl"]],
    ["vaddps", "c5 f8 58 c1", ["nacl"]],
    ["crc32w", "66 f2 0f 38 f1 c1", ["nacl"]],
    ["clflush", "0f ae 7d 08", ["zerovm"]],
    ["cpuid", "0f a2", ["zerovm", "nacl"]],
    ["movnti", "0f c3 45 00", ["zerovm", "nacl"]],
    ["rdtscp", "0f 01 f9", []],
  ])("%s", (_name, hex, accepting) => {
    const policies = (["zerovm", "nacl"] as const).filter(
      (policy) => linesOf(hex, policy).length === 0,
    );
    expect(policies).toEqual(accepting);
  });

  test("non-temporal instructions are refused on request", () => {
    const bytes = code("0f c3 45 00");
    expect(lines(validate(bytes, { policy: "nacl", nontemporals: false }))).toEqual([
      "0: unsupported instruction",
    ]);
  });
});

describe("whatever the bytes", () => {
  const bundles = fc
    .uint8Array({ minLength: 0, maxLength: 8 * BUNDLE_BYTES })
    .map((bytes) => bytes.subarray(0, bytes.length - (bytes.length % BUNDLE_BYTES)));

  test("there is a verdict, with findings within the code", () => {
    fc.assert(
      fc.property(bundles, fc.constantFrom("zerovm", "nacl"), (bytes, policy) => {
        const { valid, findings, warnings } = validate(bytes, { policy });
        expect(valid).toBe(findings.length === 0);
        for (const { offset } of [...findings, ...warnings]) {
          expect(offset).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("bundles judged one by one come to the same, where no jump leaves its bundle", () => {
    let compared = 0;
    for (let seed = 0; seed < 3000; seed++) {
      const bytes = randomCode(seed);
      const whole = lines(validate(bytes, { policy: "nacl" }));
      const parts: string[] = [];
      for (let start = 0; start < bytes.length; start += BUNDLE_BYTES) {
        const part = validate(bytes.subarray(start, start + BUNDLE_BYTES), { policy: "nacl" });
        const findings = part.findings.map(({ offset, reason }) => ({
          offset: offset + start,
          reason,
        }));
        parts.push(...lines({ findings }));
      }
      // Targets are known only when all is read, and those beyond a part are out of its range.
      if ([...whole, ...parts].some((line) => /jump/.test(line))) continue;
      compared++;
      expect(parts).toEqual(whole);
    }
    expect(compared).toBeGreaterThan(1000);
  });

  test("each byte is the start of an instruction at most twice", () => {
    const decode = vi.spyOn(Decoder.prototype, "decode");
    try {
      for (const bytes of [noise(2 ** 16), new Uint8Array(2 ** 16).fill(0x90)]) {
        decode.mockClear();
        validate(bytes, { policy: "nacl" });
        expect(decode.mock.calls.length).toBeLessThanOrEqual(2 * bytes.length);
      }
    } finally {
      decode.mockRestore();
    }
  });

  test("16 MB of noise end with the first findings and the number of the others", () => {
    const bytes = noise(16 * 2 ** 20);
    const { valid, findings, moreFindings } = validate(bytes, { policy: "zerovm" });
    expect(valid).toBe(false);
    expect(findings).toHaveLength(FINDINGS_MAX);
    expect(moreFindings).toBeGreaterThan(100_000);
  });
});
