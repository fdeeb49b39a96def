import { setMaxListeners } from "node:events";

/**
 * Works on all items, so many at a time. The first failure ends the others, and is thrown when none
 * of them does anything any more.
 */
export async function together<Item>(
  items: readonly Item[],
  most: number,
  signal: AbortSignal | undefined,
  work: (item: Item, at: number, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const stop = signal === undefined ? failing.signal : AbortSignal.any([signal, failing.signal]);
  // Each item that is worked on hears of it.
  setMaxListeners(0, stop);
  const failures: unknown[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of queue) {
      stop.throwIfAborted();
      await work(item, at, stop);
    }
  };
  const workers = Array.from({ length: Math.min(most, items.length) }, async () => {
    await worker().catch((error: unknown) => {
      failures.push(error);
      failing.abort();
    });
  });
  await Promise.all(workers);
  if (failures.length > 0) throw failures[0];
}
