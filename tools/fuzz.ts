/**
 * Differential fuzzing: random valid modules run in all forms that the passes give them, on
 * several versions of Node, each in its quick and its optimising tier. Everything that can be seen
 * has to be the same: what is said to the host, results, traps, memory, globals, fuel.
 *
 * `--count N` modules, `--seed S` makes the same ones again, `--only I` the one with this number.
 * A module that differs is made smaller and written to a folder. Once what it shows is mended,
 * `--keep FILE NAME` puts it into the corpus, with what it comes to now.
 *
 * `--validator N` compares the validator of Native Client code with a slow one, on N sequences.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { formatCase, hashOf, parseCase } from "../test/fuzz/case-file.ts";
import { engineDifference, formDifference } from "../test/fuzz/differences.ts";
import { type Observation, observe } from "../test/fuzz/observe.ts";
import { type Answer, enginesOf, type FuzzEngine, runIn } from "./fuzz/engines.ts";
import { type FuzzCase, Generator } from "./fuzz/generator.ts";
import { fuzzValidator } from "./fuzz/validator.ts";
import { findVersions } from "./matrix/node-versions.ts";
import { formatCounts } from "./vitest/plain-summary.ts";

const MAJORS = [24, 26];
/** About two minutes on two processors. */
const COUNT = 250;
const BATCH = 25;
/** Engines that run at a time. */
const PARALLEL = 2;
const CORPUS = "test/fuzz/corpus";
const FAILED_FOLDER = "node_modules/.cache/fuzz/failed";

interface Asked {
  readonly count: number;
  readonly seed: number;
  readonly first: number;
  /** Sequences for the validator, where that is what is asked for. */
  readonly validator: number | undefined;
}

interface Failure {
  readonly found: FuzzCase;
  readonly why: string;
}

export async function main(args: readonly string[]): Promise<number> {
  const [command, file, name] = args;
  if (command === "--keep" && file !== undefined && name !== undefined) return keep(file, name);
  const asked = readArguments(args);
  if (asked.validator !== undefined) return fuzzValidator(asked.validator, asked.seed);
  const engines = enginesOf(findVersions(MAJORS));
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  console.log(`seed ${asked.seed}, ${asked.count} modules on ${engines.length} engines`);
  try {
    const fuzzing = new Fuzzing(engines, folder, await bundleRunner(folder));
    return await fuzzing.run(asked);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts a case into the corpus, which `npm test` runs. */
function keep(file: string, name: string): number {
  const found = parseCase(readFileSync(file, "utf8"));
  const comesTo = hashOf(observe(found.module));
  writeFileSync(join(CORPUS, `${name}.txt`), formatCase({ ...found, comesTo }));
  return 0;
}

function readArguments(args: readonly string[]): Asked {
  const numberOf = (name: string): number | undefined => {
    const at = args.indexOf(`--${name}`);
    if (at < 0) return undefined;
    const value = Number(args[at + 1]);
    if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} is a whole number`);
    return value;
  };
  const only = numberOf("only");
  return {
    count: only === undefined ? (numberOf("count") ?? COUNT) : 1,
    seed: numberOf("seed") ?? Date.now() % 2 ** 31,
    first: only ?? 0,
    validator: numberOf("validator"),
  };
}

/** Older versions of Node cannot load TypeScript by themselves. */
async function bundleRunner(folder: string): Promise<string> {
  const outfile = join(folder, "runner.mjs");
  await build({
    entryPoints: ["tools/fuzz/runner.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
  });
  return outfile;
}

class Fuzzing {
  readonly #engines: readonly FuzzEngine[];
  readonly #folder: string;
  readonly #runner: string;
  readonly #generator: Generator;
  readonly #skipped = new Map<string, number>();

  constructor(engines: readonly FuzzEngine[], folder: string, runner: string) {
    this.#engines = engines;
    this.#folder = folder;
    this.#runner = runner;
    this.#generator = new Generator(folder);
  }

  async run({ count, seed, first }: Asked): Promise<number> {
    const failures: Failure[] = [];
    let running: Promise<Failure[]> = Promise.resolve([]);
    const judged = async (): Promise<void> => {
      for (const failure of await running) {
        console.log(`--seed ${seed} --only ${failure.found.index}: ${failure.why}`);
        failures.push(failure);
      }
    };
    for (let done = 0; done < count; done += BATCH) {
      const batch: FuzzCase[] = [];
      for (let index = done; index < Math.min(count, done + BATCH); index++) {
        batch.push(await this.#generator.make(seed, first + index));
      }
      await judged();
      if (done > 0) console.log(`${done} of ${count}`);
      running = this.#judge(batch);
    }
    await judged();
    for (const failure of failures) await this.#keep(failure);
    for (const [reason, times] of this.#skipped) console.log(`not compared: ${times}, ${reason}`);
    const failed = failures.length;
    console.log(formatCounts({ passed: count - failed, failed, skipped: 0 }));
    return failed === 0 ? 0 : 1;
  }

  async #judge(batch: readonly FuzzCase[]): Promise<Failure[]> {
    const path = join(this.#folder, `batch-${batch[0]?.index}`);
    const lines = batch.map(({ module }) => Buffer.from(module).toString("base64"));
    writeFileSync(path, `${lines.join("\n")}\n`);
    const answers: Answer[][] = [];
    for (let at = 0; at < this.#engines.length; at += PARALLEL) {
      const some = this.#engines.slice(at, at + PARALLEL);
      const runs = some.map((engine) => runIn(engine, this.#runner, path, batch.length));
      answers.push(...(await Promise.all(runs)));
    }
    rmSync(path);
    return batch.flatMap((found, index) => {
      const why = this.#difference(
        found,
        answers.map((of) => of[index]),
      );
      return why === undefined ? [] : [{ found, why }];
    });
  }

  /** What differs of one module, within an engine or between two. */
  #difference({ isNanFree }: FuzzCase, answers: readonly (Answer | undefined)[]) {
    let first: { readonly name: string; readonly answer: Observation } | undefined;
    for (const [index, engine] of this.#engines.entries()) {
      const { name } = engine;
      const answer = answers[index];
      if (answer === undefined) return `no answer of ${name}`;
      if ("failed" in answer) return `${name}: ${answer.failed}`;
      if ("skipped" in answer) {
        this.#skip(engine, answer.skipped);
        continue;
      }
      const within = formDifference(answer, isNanFree);
      if (within !== undefined) return `${name}: ${within}`;
      // Not every version of Node knows every feature.
      first ??= { name, answer };
      const between = engineDifference(first.answer, answer);
      if (between !== undefined) return `${first.name} and ${name}: ${between}`;
    }
    return undefined;
  }

  #skip({ name }: FuzzEngine, reason: string): void {
    const key = `${name}: ${reason}`;
    this.#skipped.set(key, 1 + (this.#skipped.get(key) ?? 0));
  }

  /** Keeps the smallest module that still shows something. */
  async #keep({ found, why }: Failure): Promise<void> {
    const { seed, index } = found;
    const smallest = await this.#smaller({ found, why });
    mkdirSync(FAILED_FOLDER, { recursive: true });
    const path = join(FAILED_FOLDER, `${seed}-${index}.txt`);
    writeFileSync(path, formatCase({ ...smallest.found, about: smallest.why }));
    console.log(`  ${smallest.found.module.length} bytes in ${resolve(path)}`);
  }

  /** The same random bytes, as few of them as still make a module that differs. */
  async #smaller(failure: Failure): Promise<Failure> {
    let best = failure;
    const { seed, index } = failure.found;
    for (let step = failure.found.inputBytes / 2; step >= 8; step /= 2) {
      const inputBytes = Math.floor(best.found.inputBytes - step);
      if (inputBytes < 8) continue;
      const found = await this.#generator.make(seed, index, inputBytes);
      const [other] = await this.#judge([found]);
      if (other !== undefined && found.module.length < best.found.module.length) best = other;
    }
    return best;
  }
}
