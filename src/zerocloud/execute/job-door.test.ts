import { expect, test } from "vitest";
import { Admission, JobBusy, parsePools } from "../admission/index.ts";
import { JobDoor } from "./job-door.ts";

function doorOf(text: string) {
  const pools = parsePools(text);
  if ("fault" in pools) throw new Error(pools.fault);
  const admission = new Admission({ pools, nowMs: () => 0 });
  const running = (pool: string): number | undefined =>
    admission.use().find(({ name }) => name === pool)?.running;
  return { door: new JobDoor(admission), running };
}

const POOLS = "default = WaitPool(1, 1); cluster = PriorityPool(1, 3)";
const job = (id: string, connected = 0) => ({ id, account: "a", connected });

test("sessions without connections have a slot each", async () => {
  const { door, running } = doorOf(POOLS);
  const { signal } = new AbortController();
  const release = await door.enter(job("1"), "default", signal);
  expect(running("default")).toBe(1);
  release();
  expect(running("default")).toBe(0);
});

test("connected sessions get all slots at once, and the last one gives them back", async () => {
  const { door, running } = doorOf(POOLS);
  const { signal } = new AbortController();
  const enter = async (): Promise<() => void> => await door.enter(job("1", 3), "cluster", signal);
  const releases = [await enter()];
  expect(running("cluster")).toBe(3);
  releases.push(await enter(), await enter());
  const [first, second, third] = releases;
  first?.();
  first?.();
  second?.();
  expect(running("cluster")).toBe(3);
  third?.();
  expect(running("cluster")).toBe(0);
});

test("those of a job that was ended give them back without those that never came", async () => {
  const { door, running } = doorOf(POOLS);
  const stop = new AbortController();
  const release = await door.enter(job("1", 3), "cluster", stop.signal);
  stop.abort();
  release();
  expect(running("cluster")).toBe(0);
});

test("more than the pool has, and a newer job where it is full, are refused", async () => {
  const { door } = doorOf(POOLS);
  const { signal } = new AbortController();
  await expect(door.enter(job("1", 4), "cluster", signal)).rejects.toMatchObject({
    code: "ZVM_JOB_SLOTS",
  });
  await door.enter(job("2", 1), "cluster", signal);
  const refused = door.enter(job("3", 1), "cluster", signal);
  await expect(refused).rejects.toBeInstanceOf(JobBusy);
});
