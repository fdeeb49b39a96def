import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

const never = new AbortController().signal;

test("places are given in the order of asking", async () => {
  const slots = new Slots(1);
  const order: number[] = [];
  const release = await slots.take(never);
  const waiting = [1, 2].map(async (number) => {
    const own = await slots.take(never);
    order.push(number);
    own();
  });
  expect(order).toEqual([]);
  release();
  release();
  await Promise.all(waiting);
  expect(order).toEqual([1, 2]);
});

test("who gives up waiting is passed by", async () => {
  const slots = new Slots(1);
  const release = await slots.take(never);
  const controller = new AbortController();
  const gone = slots.take(controller.signal);
  const next = slots.take(never);
  controller.abort(new Error("enough"));
  await expect(gone).rejects.toThrow("enough");
  release();
  (await next)();
  await expect(slots.take(controller.signal)).rejects.toThrow("enough");
});
