import { expect, test } from "vitest";
import {
  NACL_CALLS,
  NACL_TRACE_START,
  TRAP_CALLS,
  UNKNOWN_NACL_CALL,
  UNKNOWN_TRAP,
} from "../trace/index.ts";
import { callsByNumber } from "./call-names.ts";
import { CALLS_BY_MODULE } from "./calls.ts";
import { HOST_SIGNATURES } from "./signatures.ts";

test("every call is found by its number, with the bytes of its arguments", () => {
  const calls = callsByNumber();
  const numbers = new Set<number>();
  for (const [module, table] of Object.entries(CALLS_BY_MODULE)) {
    for (const [name, [number]] of Object.entries(table)) {
      numbers.add(number);
      const parameters = HOST_SIGNATURES.get(module)?.[name]?.split("->")[0] ?? "none";
      const argumentBytes = [...parameters.matchAll(/i(32|64)/g)].map(
        ([, bits]) => Number(bits) / 8,
      );
      expect(calls.get(number)).toEqual({ name, argumentBytes });
    }
  }
  for (const [name, { number, words }] of Object.entries({
    ...TRAP_CALLS,
    unknown: UNKNOWN_TRAP,
  })) {
    numbers.add(number);
    expect(calls.get(number)).toEqual({
      name: `trap ${name}`,
      argumentBytes: Array(words).fill(8),
    });
  }
  for (const [name, { number, words }] of Object.entries(NACL_CALLS)) {
    numbers.add(NACL_TRACE_START + number);
    const argumentBytes = Array(words).fill(4);
    expect(calls.get(NACL_TRACE_START + number)).toEqual({ name, argumentBytes });
  }
  numbers.add(UNKNOWN_NACL_CALL.number);
  expect([...calls.keys()].sort()).toEqual([...numbers].sort());
});
