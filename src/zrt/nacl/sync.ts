/**
 * Mutexes, condition variables, semaphores and futexes of a guest that has one thread. What would
 * wait for ever, as there is nobody to end it, is answered with EDEADLK; what waits for a time
 * lets that time pass.
 */
import { ERRNO } from "../../base/index.ts";
import type { NaclAnswer, NaclWorld } from "./nacl-world.ts";
import { readTimespec } from "./time.ts";

const SEMAPHORE_MAX = 0x7fff_ffff;

export const mutexCreate: NaclAnswer = ({ sync }) => sync.add({ kind: "mutex", isLocked: false });

export const mutexLock: NaclAnswer = ({ sync }, number) => {
  return lock(sync.get(number, "mutex"), ERRNO.EDEADLK);
};

export const mutexTrylock: NaclAnswer = ({ sync }, number) => {
  return lock(sync.get(number, "mutex"), ERRNO.EBUSY);
};

function lock(mutex: { isLocked: boolean } | undefined, taken: number): number {
  if (mutex === undefined) return -ERRNO.EBADF;
  if (mutex.isLocked) return -taken;
  mutex.isLocked = true;
  return 0;
}

/** `EPERM`: it is not locked. */
export const mutexUnlock: NaclAnswer = ({ sync }, number) => {
  const mutex = sync.get(number, "mutex");
  if (mutex === undefined) return -ERRNO.EBADF;
  if (!mutex.isLocked) return -ERRNO.EPERM;
  mutex.isLocked = false;
  return 0;
};

export const conditionCreate: NaclAnswer = ({ sync }) => sync.add({ kind: "condition" });

/** Nobody waits, and so nobody is woken: signal and broadcast. */
export const conditionSignal: NaclAnswer = ({ sync }, number) => {
  return sync.get(number, "condition") === undefined ? -ERRNO.EBADF : 0;
};

/** `EPERM`: the mutex is not locked. */
export const conditionWait: NaclAnswer = (world, condition, mutex) => {
  return refuseWait(world, condition, mutex) ?? -ERRNO.EDEADLK;
};

/** `ETIMEDOUT` at the time that is given; the mutex is locked as before. */
export const conditionTimedWait: NaclAnswer = (world, condition, mutex, timePtr) => {
  const refused = refuseWait(world, condition, mutex);
  return refused ?? waitUntil(world, timePtr);
};

function refuseWait({ sync }: NaclWorld, condition: number, mutex: number): number | undefined {
  const known = sync.get(mutex, "mutex");
  if (sync.get(condition, "condition") === undefined || known === undefined) return -ERRNO.EBADF;
  return known.isLocked ? undefined : -ERRNO.EPERM;
}

function waitUntil(world: NaclWorld, timePtr: number): number {
  const untilNs = readTimespec(world, timePtr);
  if (untilNs === undefined) return -ERRNO.EINVAL;
  const { clock } = world.guest;
  const nowNs = clock.peek();
  if (untilNs > nowNs) clock.sleep(untilNs - nowNs);
  return -ERRNO.ETIMEDOUT;
}

/** `EINVAL`: the count is above what an `int` holds. */
export const semaphoreCreate: NaclAnswer = ({ sync }, count) => {
  if (count > SEMAPHORE_MAX) return -ERRNO.EINVAL;
  return sync.add({ kind: "semaphore", count });
};

export const semaphoreWait: NaclAnswer = ({ sync }, number) => {
  const semaphore = sync.get(number, "semaphore");
  if (semaphore === undefined) return -ERRNO.EBADF;
  if (semaphore.count === 0) return -ERRNO.EDEADLK;
  semaphore.count -= 1;
  return 0;
};

/** `EOVERFLOW`: the count is as high as it can be. */
export const semaphorePost: NaclAnswer = ({ sync }, number) => {
  const semaphore = sync.get(number, "semaphore");
  if (semaphore === undefined) return -ERRNO.EBADF;
  if (semaphore.count === SEMAPHORE_MAX) return -ERRNO.EOVERFLOW;
  semaphore.count += 1;
  return 0;
};

export const semaphoreValue: NaclAnswer = ({ sync }, number) => {
  return sync.get(number, "semaphore")?.count ?? -ERRNO.EBADF;
};

/** `EAGAIN`: the word is another already; `ETIMEDOUT` at the time, where one is given. */
export const futexWait: NaclAnswer = (world, wordPtr, value, timePtr) => {
  if (world.memory.readU32(wordPtr) !== value) return -ERRNO.EAGAIN;
  return timePtr === 0 ? -ERRNO.EDEADLK : waitUntil(world, timePtr);
};

/** How many were woken: nobody waits. */
export const futexWake: NaclAnswer = ({ memory }, wordPtr) => {
  memory.check(wordPtr, 4, "read");
  return 0;
};
