import { expect, test } from "vitest";
import { JobBusy } from "../admission/index.ts";
import { ProgramTurns } from "./program-turns.ts";

const { signal } = new AbortController();

/** Accounts in the order in which their programs were begun, each with what ends it. */
function started(turns: ProgramTurns) {
  const order: string[] = [];
  const releases: (() => void)[] = [];
  return {
    order,
    enter: (account: string): void => {
      void turns.enter(account, signal).then((release) => {
        order.push(account);
        releases.push(release);
      });
    },
    endNext: async (): Promise<void> => {
      await expect.poll(() => releases.length).toBeGreaterThan(0);
      releases.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("a program of an account that has none is judged next, whoever fills the line", async () => {
  const { order, enter, endNext } = started(new ProgramTurns(4));
  for (const account of ["a", "a", "a", "a", "c", "c", "c"]) enter(account);
  enter("b");
  for (let ended = 0; ended < 6; ended += 1) await endNext();
  expect(order.slice(0, 3)).toEqual(["a", "c", "b"]);
});

test("an account fills its own line only, and is told when to ask again", async () => {
  const turns = new ProgramTurns(4);
  const entering = Array.from({ length: 5 }, () => turns.enter("a", signal));
  await entering[0];
  const busy = await turns.enter("a", signal).catch((error: unknown) => error);
  expect(busy).toBeInstanceOf(JobBusy);
  expect(busy).toMatchObject({ retryAfterSeconds: expect.any(Number) });
  expect(() => turns.judge("a")).toThrow("Too many programs of this account wait to be judged");
  expect(() => turns.judge("b")).not.toThrow();
  await turns.enter("b", signal);
});

test("who waits no longer gives its place back", async () => {
  const turns = new ProgramTurns(0);
  const gone = new AbortController();
  await turns.enter("a", signal);
  const waiting = Array.from({ length: 4 }, () => turns.enter("a", gone.signal));
  expect(() => turns.judge("a")).toThrow(JobBusy);
  gone.abort();
  await Promise.allSettled(waiting);
  expect(() => turns.judge("a")).not.toThrow();
});
