import { describe, expect, test } from "vitest";
import { assert } from "../../base/index.ts";
import { filterProgram, type Machine } from "./filter.ts";
import { allowedCount, SYSTEM_CALLS } from "./system-calls.ts";

const PID = 4242;
const X64 = 0xc000_003e;
const ARM64 = 0xc000_00b7;
const I386 = 0x4000_0003;

interface Call {
  readonly architecture?: number;
  readonly number: number;
  readonly args?: readonly bigint[];
}

/** Runs a filter as the kernel does, and says what becomes of the call. */
function verdict(machine: Machine, { architecture, number, args = [] }: Call): string {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, architecture ?? (machine === "x64" ? X64 : ARM64), true);
  args.forEach((value, index) => {
    data.setBigUint64(16 + 8 * index, BigInt.asUintN(64, value), true);
  });
  const bytes = filterProgram(SYSTEM_CALLS, machine, PID);
  const code = new DataView(bytes.buffer);
  let accumulator = 0;
  for (let at = 0; at < bytes.length; at += 8) {
    const constant = code.getUint32(at + 4, true);
    const jump = (holds: boolean): number => 8 * code.getUint8(at + (holds ? 2 : 3));
    const operation = code.getUint16(at, true);
    if (operation === 0x20) accumulator = data.getUint32(constant, true);
    else if (operation === 0x54) accumulator = (accumulator & constant) >>> 0;
    else if (operation === 0x15) at += jump(accumulator === constant);
    else if (operation === 0x35) at += jump(accumulator >= constant);
    else return nameOf(operation, constant);
  }
  return "runs off its end";
}

function nameOf(operation: number, constant: number): string {
  assert(operation === 0x06, `instruction ${operation}`);
  if (constant === 0x8000_0000) return "kill";
  if (constant === 0x7fff_0000) return "allow";
  return `errno ${constant & 0xffff}`;
}

const ERRNO = { EACCES: 13, EINVAL: 22, ENOSYS: 38, success: 0 } as const;

describe.each(["x64", "arm64"] as const)("the filter for %s", (machine) => {
  const numbers = new Map(
    SYSTEM_CALLS.flatMap((row) => {
      const number = row[machine];
      return number === undefined ? [] : [[number, row] as const];
    }),
  );

  test("kills every call that has no row", () => {
    const through = Array.from({ length: 2048 }, (_, number) => number).filter(
      (number) => !numbers.has(number) && verdict(machine, { number }) !== "kill",
    );
    expect(through).toEqual([]);
  });

  test("lets through or answers what has a row without a check", () => {
    for (const [number, { answers, check }] of numbers) {
      if (check !== undefined) continue;
      const expected = answers === undefined ? "allow" : `errno ${ERRNO[answers]}`;
      expect([number, verdict(machine, { number })]).toEqual([number, expected]);
    }
  });

  test("kills all of them for another machine, or for its 32-bit programs", () => {
    const other = machine === "x64" ? ARM64 : X64;
    for (const architecture of [other, I386, 0]) {
      for (const number of numbers.keys()) {
        expect(verdict(machine, { architecture, number })).toBe("kill");
      }
    }
  });

  test("passes the values of a check, and nothing near them", () => {
    for (const [number, { check, otherwise }] of numbers) {
      if (check === undefined) continue;
      const asked = (value: bigint): string => {
        const args = [0n, 0n, 0n, 0n, 0n, 0n];
        args[check.arg] = value;
        return verdict(machine, { number, args });
      };
      const refused = otherwise === undefined ? "kill" : `errno ${ERRNO[otherwise]}`;
      const values = "oneOf" in check ? check.oneOf : [PID];
      for (const value of values) expect(asked(BigInt(value))).toBe("allow");
      expect(asked(BigInt(Math.max(...values) + 1))).toBe(refused);
      expect(asked(0xffff_ffffn)).toBe(refused);
      expect(asked(-1n)).toBe(refused);
      if (!("mask" in check)) expect(asked(BigInt(values[0] ?? 0) + 2n ** 32n)).toBe(refused);
    }
  });
});

test("calls of the x32 interface are killed", () => {
  for (const { x64 } of SYSTEM_CALLS) {
    if (x64 !== undefined) expect(verdict("x64", { number: x64 | 0x4000_0000 })).toBe("kill");
  }
});

test.each([
  ["memory that is counted", 0x22n, "allow"],
  ["a file", 0x2n, "kill"],
  ["shared memory, which no limit counts", 0x21n, "kill"],
  ["a stack that grows, which no limit counts", 0x122n, "kill"],
  ["memory that is locked", 0x2022n, "kill"],
  ["huge pages of the system's stock", 0x4_0022n, "kill"],
])("mmap of %s", (_what, flags, expected) => {
  expect(verdict("x64", { number: 9, args: [0n, 4096n, 3n, flags, -1n] })).toBe(expected);
});

test.each([
  ["wait", 0x80n, "allow"],
  ["wake", 0x81n, "allow"],
  ["wait by the clock", 0x189n, "allow"],
  ["lock with priorities", 0x86n, "kill"],
  ["requeue with priorities", 0x8cn, "kill"],
])("futex: %s", (_what, command, expected) => {
  expect(verdict("x64", { number: 202, args: [4096n, command] })).toBe(expected);
});

test("a call has one row, in words, and the list is short", () => {
  for (const machine of ["x64", "arm64"] as const) {
    const numbers = SYSTEM_CALLS.flatMap((row) => row[machine] ?? []);
    expect(new Set(numbers).size).toBe(numbers.length);
  }
  expect(allowedCount()).toBeLessThanOrEqual(45);
  expect(allowedCount()).toBe(SYSTEM_CALLS.filter(({ answers }) => answers === undefined).length);
  for (const { why, check, asks } of SYSTEM_CALLS) {
    expect(why).not.toBe("");
    expect(asks === undefined).toBe(check === undefined);
  }
});
