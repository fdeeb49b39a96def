import { expect, test } from "vitest";
import { Dice } from "../../../test/support/dice.ts";
import { choose } from "./choice.ts";
import { sequenceOf } from "./sequences.ts";
import { allShapes } from "./shapes.ts";

const shapes = allShapes().filter(({ form, size }) => form.names[0] === "lea*" && size === 8);

test("no address that an instruction gives has the base of the sandbox in it", () => {
  const [shape] = shapes;
  if (shape === undefined) throw new Error("lea has no form");
  const texts: string[] = [];
  for (let seed = 0; seed < 500; seed++) {
    texts.push(choose(new Dice(seed), shape).text, sequenceOf(new Dice(seed), shapes).text);
  }
  expect(texts.filter((text) => /r15|rip/.test(text))).toEqual([]);
  expect(new Set(texts).size).toBeGreaterThan(500);
});
