/**
 * The soak suite: many sessions of mixed kinds through the built library, from a pool, in fresh
 * cells and without any, each judged by its report; at the end nothing of them may be left.
 *
 * `--sessions N` says how many (5000), `--minutes M` stops after that time, `--seed N` sets the
 * order and `--together N` how many run at a time, `--only TEXT` takes kinds with that in their
 * names, `--json FILE` writes the summary.
 */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Library, poolOf } from "./soak/cells.ts";
import { disturbedKinds, floodingKinds, limitedKinds } from "./soak/ended-kinds.ts";
import { Judge } from "./soak/judge.ts";
import type { Kind } from "./soak/kind.ts";
import { KindMaker } from "./soak/make-kind.ts";
import { cleanKinds, faultingKinds, refusedKinds } from "./soak/plain-kinds.ts";
import { makePlaces } from "./soak/run-kind.ts";
import { Soak, type SoakOptions } from "./soak/soak.ts";
import { formatSummary, summaryOf } from "./soak/summary.ts";
import { formatCounts } from "./vitest/plain-summary.ts";

const POOL_SIZE = 2;

export async function main(args: readonly string[]): Promise<number> {
  const { options, only, json } = parse(args);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "soak-")));
  try {
    const places = makePlaces(folder);
    const library = (await import(resolve("dist", "index.js"))) as Library;
    const kinds = kindsIn(new KindMaker(places.programs)).filter(({ name }) => name.includes(only));
    if (kinds.length === 0) throw new Error(`No kind has ${only} in its name`);
    const setting = { library, judge: new Judge(), folder: places.sessions };
    const soak = new Soak(kinds, setting, places.temporary, options);
    const result = await soak.run(() => poolOf(library, POOL_SIZE));
    const summary = summaryOf(result);
    console.log(formatSummary(summary));
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(summary, null, 2)}\n`);
    const { passed, failed } = summary;
    console.log(formatCounts({ passed, failed, skipped: 0 }));
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Parsed {
  readonly options: SoakOptions;
  readonly only: string;
  readonly json: string | undefined;
}

const STANDARD = { sessions: "5000", minutes: "60", seed: "1", together: "6" };

function parse(args: readonly string[]): Parsed {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sessions: { type: "string", default: STANDARD.sessions },
      minutes: { type: "string", default: STANDARD.minutes },
      seed: { type: "string", default: STANDARD.seed },
      together: { type: "string", default: STANDARD.together },
      only: { type: "string", default: "" },
      json: { type: "string" },
    },
  });
  const count = (name: keyof typeof STANDARD): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} is a positive number`);
    return value;
  };
  const options = {
    sessions: count("sessions"),
    minutes: count("minutes"),
    seed: count("seed"),
    together: count("together"),
  };
  return { options, only: values.only, json: values.json };
}

function kindsIn(make: KindMaker): Kind[] {
  return [
    ...cleanKinds(make),
    ...faultingKinds(make),
    ...limitedKinds(make),
    ...floodingKinds(make),
    ...disturbedKinds(make),
    ...refusedKinds(make),
  ];
}
