/**
 * A job of connected nodes, disturbed from outside: its cells are stopped and continued at random,
 * again and again, which may change nothing; and cells are killed at random moments, of which the
 * job has to tell. How often is for the environment to say; the long run does it hundreds of times.
 */
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { Dice } from "../../test/support/dice.ts";
import { type Answered, runGroups, traceHashOf } from "../../test/support/job-runs.ts";
import { childProcesses, openDescriptors, openedSince } from "../../test/support/sessions.ts";
import {
  putShakenJob,
  type SeenCell,
  SHAKEN_GROUPS,
  SHAKEN_NODES,
  SHAKEN_OUTPUTS,
  shakenCells,
  shakenOutputs,
} from "../../test/support/shaken-job.ts";
import { temporaryFolders } from "../../test/support/temporary-folder.ts";

const DELAYED_RUNS = Number(process.env["ZEROVM_DELAYED_RUNS"] ?? 3);
const NODE_KILLS = Number(process.env["ZEROVM_NODE_KILLS"] ?? 6);
/** A run takes about a second; one that hangs would end by its time limit. */
const RUN_MS_MAX = 20_000;

const newFolder = temporaryFolders();

let undisturbed: Run;

interface Run {
  readonly instances: readonly Answered[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly milliseconds: number;
}

/** Runs the job once, and something else beside it. */
async function run(beside: (ended: AbortSignal) => Promise<void>): Promise<Run> {
  const folder = newFolder();
  putShakenJob(folder);
  const ended = new AbortController();
  const startMs = performance.now();
  const disturbing = beside(ended.signal);
  const timeoutSeconds = 60;
  const instances = await runGroups(folder, SHAKEN_GROUPS, { timeoutSeconds });
  const milliseconds = performance.now() - startMs;
  ended.abort();
  await disturbing;
  return { instances, outputs: shakenOutputs(folder), milliseconds };
}

beforeAll(async () => {
  undisturbed = await run(async () => undefined);
  expect(Object.keys(undisturbed.outputs)).toEqual(SHAKEN_OUTPUTS);
});

/** Stops a cell now and then, and lets it go on. */
async function delayCells(seed: number, ended: AbortSignal): Promise<void> {
  const dice = new Dice(seed);
  while (!ended.aborted) {
    await pause(dice.below(20));
    const cells = shakenCells();
    const cell = cells[dice.below(Math.max(1, cells.length))];
    if (cell === undefined || !signal(cell, "SIGSTOP")) continue;
    await pause(dice.below(60));
    signal(cell, "SIGCONT");
  }
}

/** @returns whether it was still there */
function signal({ pid }: SeenCell, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

describe("a job of connected nodes", () => {
  test(
    `comes to the same however its cells are delayed, ${DELAYED_RUNS} times`,
    async () => {
      for (let seed = 1; seed <= DELAYED_RUNS; seed += 1) {
        const { instances, outputs } = await run((ended) => delayCells(seed, ended));
        expect(instances.map(({ state }) => state)).toEqual(SHAKEN_NODES.map(() => "ran"));
        expect(instances.map(traceHashOf)).toEqual(undisturbed.instances.map(traceHashOf));
        expect(outputs).toEqual(undisturbed.outputs);
      }
    },
    DELAYED_RUNS * RUN_MS_MAX,
  );

  test(
    `tells which node was killed, whenever that was, ${NODE_KILLS} times`,
    async () => {
      const before = openDescriptors();
      let kills = 0;
      for (let seed = 1; kills < NODE_KILLS; seed += 1) {
        const dice = new Dice(1000 + seed);
        let killed: SeenCell | undefined;
        const { instances, outputs, milliseconds } = await run(async (ended) => {
          await pause(dice.below(Math.ceil(undisturbed.milliseconds)));
          while (!ended.aborted && killed === undefined) {
            const cells = shakenCells();
            const cell = cells[dice.below(Math.max(1, cells.length))];
            if (cell !== undefined && signal(cell, "SIGKILL")) killed = cell;
            else await pause(1);
          }
        });
        expect(milliseconds).toBeLessThan(RUN_MS_MAX);
        judge(instances, outputs, killed);
        if (killed !== undefined) kills += 1;
      }
      await expect.poll(() => childProcesses()).toEqual([]);
      await expect.poll(() => openedSince(before)).toEqual([]);
    },
    NODE_KILLS * RUN_MS_MAX,
  );
});

/** Either nobody noticed, since its work was done, or all say that this node was the one. */
function judge(
  instances: readonly Answered[],
  outputs: Readonly<Record<string, string>>,
  killed: SeenCell | undefined,
): void {
  const failed = instances.filter(({ state }) => state === "failed");
  if (failed.length === 0) {
    expect(instances.map(({ state }) => state)).toEqual(SHAKEN_NODES.map(() => "ran"));
    expect(outputs).toEqual(undisturbed.outputs);
    return;
  }
  expect(failed.map(({ name }) => name)).toEqual([killed?.node]);
  expect(outputs).toEqual({});
}
