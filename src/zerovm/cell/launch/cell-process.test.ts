import { readSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadPoll, makePipe, POLL_IN, socketPair } from "../../libc/index.ts";
import { CellProcess } from "./cell-process.ts";
import { listenByEvents } from "./wires.ts";

/** Whether the other end of a pipe, which nobody writes to, is closed. */
function hasEnded(fd: number): boolean {
  return loadPoll()?.(fd, POLL_IN, 0) === true && readSync(fd, new Uint8Array(1)) === 0;
}

function borrowed() {
  const [control] = socketPair();
  const [theirLifeline, lifeline] = makePipe();
  const [theirStop, stop] = makePipe();
  const [words] = makePipe();
  const launched = { control, lifeline, stop, words, hasNamespaces: false, options: {} };
  const process = new CellProcess(launched, listenByEvents, () => undefined);
  return { process, ends: () => [hasEnded(theirLifeline), hasEnded(theirStop)] };
}

// Pipes that end are asked of the kernel of Linux.
describe.runIf(process.platform === "linux")("a cell that was borrowed", () => {
  test("may end by itself when it said all: it takes no processor from who waits", async () => {
    const { process, ends } = borrowed();
    const gone = process.gone();
    process.close();
    process.expectEnd();
    await gone;
    expect(ends()).toEqual([false, false]);
    await expect.poll(ends).toEqual([true, true]);
  });

  test("is ended at once where it has to be", () => {
    const { process, ends } = borrowed();
    process.kill();
    expect(ends()).toEqual([true, true]);
  });
});
