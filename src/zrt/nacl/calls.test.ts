import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { NACL_CALLS, type NaclCallName } from "../trace/index.ts";
import { NACL_ANSWERS, REFUSED } from "./calls.ts";

const PAGE = resolve(import.meta.dirname, "../../../docs/reference/nacl-calls.md");

test("the page of calls has each one with its words, answered or refused", () => {
  const page = readFileSync(PAGE, "utf8");
  for (const name of Object.keys(NACL_CALLS) as NaclCallName[]) {
    const { number, words } = NACL_CALLS[name];
    const isRefused = NACL_ANSWERS[name] === REFUSED;
    expect(page.includes(`| ${number} | \`${name}\` | ${words} |`)).toBe(!isRefused);
    expect(page.replace(/\s+/gu, " ").includes(`\`${name}\` (${number})`)).toBe(isRefused);
  }
});

test("no two calls have a number, and none but those of the trap is without a slot", () => {
  const numbers = Object.values(NACL_CALLS).map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(Math.min(...numbers)).toBe(1);
  const withoutSlot = numbers.filter((number) => number >= 2047);
  expect(withoutSlot).toEqual([2048, 2049, 2050, 2051, 2052, 2053, 2054, 2055]);
});
