import { expect, test } from "vitest";
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
  expect([...calls.keys()].sort()).toEqual([...numbers].sort());
});
