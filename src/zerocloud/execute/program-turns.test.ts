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
      void turns.enter(account, signal).then(({ release }) => {
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

/** A turn of an account whose program takes long, and has a place for that. */
async function longTurn(turns: ProgramTurns, account: string) {
  const turn = await turns.enter(account, signal);
  expect(turn.mayGoOn).toBe(true);
  await turn.goOn(signal);
  return turn;
}

test("who takes long makes room for all but its own account", async () => {
  const turns = new ProgramTurns(4);
  const [a, b] = [await longTurn(turns, "a"), await longTurn(turns, "b")];
  const own = started(turns);
  own.enter("a");
  const [c, d] = [await turns.enter("c", signal), await turns.enter("d", signal)];
  for (const turn of [c, d]) turn.release();
  await new Promise((resolve) => setImmediate(resolve));
  expect(own.order).toEqual([]);
  a.release();
  await expect.poll(() => own.order).toEqual(["a"]);
  b.release();
});

test("of those that take long, two go on at a time, and the others wait in their turns", async () => {
  const turns = new ProgramTurns(4);
  const [a, b] = [await longTurn(turns, "a"), await longTurn(turns, "b")];
  const order: string[] = [];
  const waiting = ["c", "d"].map(async (account) => {
    const turn = await turns.enter(account, signal);
    expect(turn.mayGoOn).toBe(false);
    await turn.goOn(signal);
    order.push(account);
    return turn;
  });
  // Those that wait are in nobody's way.
  for (const account of ["e", "f"]) (await turns.enter(account, signal)).release();
  expect(order).toEqual([]);
  a.release();
  (await waiting[0])?.release();
  b.release();
  (await waiting[1])?.release();
  expect(order).toEqual(["c", "d"]);
  (await longTurn(turns, "a")).release();
});

test("who waits to go on is told when nothing is made any more", async () => {
  const turns = new ProgramTurns(4);
  for (const account of ["a", "b"]) await longTurn(turns, account);
  const closing = new AbortController();
  const turn = await turns.enter("c", signal);
  const waiting = turn.goOn(closing.signal);
  closing.abort("the server stops");
  await expect(waiting).rejects.toBe("the server stops");
  turn.release();
  (await turns.enter("c", signal)).release();
});
