import { expect, it } from "vitest";
import { covering, product, TIERS } from "./arrangement.ts";

const VERSIONS = ["20", "24", "26"];
const DISTURBANCES = Array.from({ length: 12 }, (_, index) => `disturbance ${index}`);

const wanted = VERSIONS.flatMap((version) =>
  TIERS.flatMap((tier) => DISTURBANCES.map((it) => `${version} ${tier} ${it}`)),
).sort();

it.each([
  ["covering", covering, 10],
  ["product", product, 78],
])("the %s lets each disturbance meet each version in each tier, once", (_, arrange, count) => {
  const runs = arrange(VERSIONS, DISTURBANCES);
  const met = runs.flatMap(({ version, tier, disturbances }) =>
    disturbances.map((it) => `${version} ${tier} ${it}`),
  );
  expect(met.sort()).toEqual(wanted);
  expect(runs).toHaveLength(count);
  expect(runs[0]?.disturbances).toEqual([]);
});
