import { beforeAll, describe, expect, test } from "vitest";
import type { WallName } from "../../src/zerovm/walls/index.ts";
import type { Attack } from "./attack.ts";
import { answersOf, attackPrograms, CAN_ATTACK, namesOf, runJobs, USERS } from "./attacked.ts";
import { ATTACKS } from "./attacks.ts";

/**
 * Each wall without the filter before it: what it stops, and that nothing else would have stopped
 * it. A wall that somebody takes out of the lock fails here.
 */

const programs = attackPrograms();

const NEXT = ATTACKS.filter(({ next }) => next !== undefined);
const WALLS = [...new Set(NEXT.flatMap(({ next }) => next?.wall ?? []))];

function behind(wall: WallName): Attack[] {
  return NEXT.filter(({ next }) => next?.wall === wall);
}

// Cells are of Linux, the numbers and the code of x86-64.
describe.runIf(CAN_ATTACK).each(USERS)("a cell of $name without its filter", (user) => {
  const standing = new Map<string, string>();
  const removed = new Map<string, string>();

  beforeAll(async () => {
    const jobs = WALLS.map((wall) => {
      const without: readonly WallName[] = ["seccomp", wall];
      return { names: namesOf(behind(wall)), launch: { without } };
    });
    const all = { names: namesOf(NEXT), launch: { without: ["seccomp"] as const } };
    const ends = await runJobs(programs(), user, [all, ...jobs]);
    ends.forEach((end, index) => {
      const job = [all, ...jobs][index];
      const answers = index === 0 ? standing : removed;
      for (const [name, answer] of answersOf(job?.names ?? [], end)) answers.set(name, answer);
    });
  });

  test.each(NEXT)("$name is stopped by the wall $next.wall", ({ name, next }) => {
    expect(standing.get(name)).toBe(next?.answer);
  });

  test.each(NEXT)("$name is stopped by nothing else", ({ name, next }) => {
    expect(removed.get(name)).toBeDefined();
    expect(removed.get(name)).not.toBe(next?.answer);
  });
});
