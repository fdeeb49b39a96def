/**
 * `npm run scale`: plans a job over many objects, places its nodes on a cluster that is only a ring
 * in memory, and counts what that would move. It runs no program and sends nothing.
 *
 * `--objects N` (100000), `--hosts N` (10000), `--seed N` (1); `--json FILE` writes the figures.
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { formatSimulation } from "./scale/format.ts";
import { Ring } from "./scale/ring.ts";
import { simulate } from "./scale/simulate.ts";

const OUT_SHARES = [0, 0.01, 0.1];

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      objects: { type: "string", default: "100000" },
      hosts: { type: "string", default: "10000" },
      seed: { type: "string", default: "1" },
      json: { type: "string" },
    },
  });
  const count = (name: "objects" | "hosts" | "seed"): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new Error(`--${name} is a positive number`);
    }
    return value;
  };
  const options = { objects: count("objects"), seed: count("seed"), outShares: OUT_SHARES };
  const ring = new Ring(count("hosts"), options.seed);
  const simulation = await simulate(ring, options);
  console.log(formatSimulation(ring, simulation));
  if (values.json !== undefined) {
    const text = `${JSON.stringify({ hosts: ring.hosts.length, ...simulation }, null, 2)}\n`;
    writeFileSync(resolve(process.env["TOOL_FOLDER"] ?? "", values.json), text);
  }
  return 0;
}
