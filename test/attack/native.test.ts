import { beforeAll, describe, expect, test } from "vitest";
import { type Attack, KILLED } from "./attack.ts";
import { answersOf, attackPrograms, CAN_ATTACK, namesOf, runJobs, USERS } from "./attacked.ts";
import { ATTACKS, MAY_FAULT } from "./attacks.ts";

/** Native code in a locked cell, as after a fall of V8, against the filter. */

const programs = attackPrograms();

/** Nothing but the filter and the limits: where there are no namespaces, they have to do. */
const BARE = { hasNamespaces: false } as const;

/** The filter is the same for each user: the gate tries all attacks as one of them. */
const TRIES_ALL = process.env["ZEROVM_ATTACK_ALL"] !== undefined;
const SAMPLE = 8;

function isSample({ answer }: Attack, index: number): boolean {
  return answer !== KILLED || index % SAMPLE === 0;
}

// Cells are of Linux, the numbers and the code of x86-64.
describe.runIf(CAN_ATTACK).each(USERS)("a cell of $name", (user) => {
  const answers = new Map<string, string>();
  const tried = user === USERS[0] || TRIES_ALL ? ATTACKS : ATTACKS.filter(isSample);

  beforeAll(async () => {
    // One that is killed for its attack has tried just one.
    const groups = tried.filter(({ answer }) => answer === KILLED).map(({ name }) => [name]);
    groups.push(namesOf(tried.filter(({ answer }) => answer !== KILLED)));
    const jobs = groups.map((names) => ({ names, launch: BARE }));
    const ends = await runJobs(programs(), user, jobs);
    ends.forEach((end, index) => {
      for (const [name, answer] of answersOf(groups[index] ?? [], end)) answers.set(name, answer);
    });
  });

  test.each(tried)("$name: $answer", ({ name, answer }) => {
    const found = answers.get(name);
    if (MAY_FAULT.includes(name) && found === "faulted") return;
    expect(found).toBe(answer);
  });
});
