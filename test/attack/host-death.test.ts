import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { LaunchOptions } from "../../src/zerovm/cell/launch/launched-cell.ts";
import {
  attackPrograms,
  CAN_ATTACK,
  type Programs,
  runJobs,
  startHost,
  USERS,
  type User,
} from "./attacked.ts";
import type { Job } from "./host.ts";

/** A host that is killed takes its cells with it, whatever they are doing. */

const programs = attackPrograms();

const WAITS = 200;
const SIGKILL = 9;

/** Processes that run a program of these. */
function processesOf({ inside }: Programs): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandOf(pid).includes(inside)).map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

/** A process that becomes another program has no command line for a moment, and seems gone. */
const CALM_LOOKS = 3;

/** Waits until so many of them are left, and says how many there are in the end. */
async function settle(paths: Programs, count: number): Promise<number> {
  let left = processesOf(paths).length;
  for (let waits = 0, calm = 0; waits < WAITS && calm < CALM_LOOKS; waits += 1) {
    await sleep(50);
    left = processesOf(paths).length;
    calm = left > count ? 0 : calm + 1;
  }
  return left;
}

/** One may go with another that was ended just before. */
function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Kills a host at its first word of its cell. */
async function killHost(
  user: User,
  loopsFrom: "birth" | "lock",
  launch: LaunchOptions,
): Promise<void> {
  const paths = programs();
  const job: Job = { program: paths.inside, names: [], loopsFrom, launch };
  const host = startHost(paths, user, [job]);
  await new Promise((done) => host.stdout.once("data", done));
  host.kill("SIGKILL");
  await new Promise((done) => host.once("close", done));
}

// Cells are of Linux, the numbers and the code of x86-64.
describe.runIf(CAN_ATTACK).each(USERS)("of $name", (user) => {
  describe.each([true, false])("with namespaces: %s", (hasNamespaces) => {
    test("a cell that was only just born is gone", async () => {
      await killHost(user, "birth", { hasNamespaces });
      expect(await settle(programs(), 0)).toBe(0);
    });

    test("a locked cell in an endless loop is gone", async () => {
      await killHost(user, "lock", { hasNamespaces });
      expect(await settle(programs(), 0)).toBe(0);
    });

    test("one that its host gives up is gone, though it takes no signal", async () => {
      const launch = { hasNamespaces };
      const job = { names: [], loopsFrom: "lock", isKilled: true, launch } as const;
      const [end] = await runJobs(programs(), user, [job]);
      expect(end?.signal).toBe(SIGKILL);
      expect(await settle(programs(), 0)).toBe(0);
    });

    test("it is the lifeline that does it", async () => {
      await killHost(user, "lock", { hasNamespaces, without: ["lifeline"] });
      // One that is just about to become another program has no words for a moment.
      await expect.poll(() => processesOf(programs())).not.toEqual([]);
      for (const pid of processesOf(programs())) endProcess(pid);
      expect(await settle(programs(), 0)).toBe(0);
    });
  });
});
