import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { CellPool } from "../../src/index.ts";
import { descendants, readIfThere } from "./leftovers.ts";

export type Library = typeof import("../../src/index.ts");

type OnCell = (pid: number) => void;

/** The session in whose name something happens. */
const sessions = new AsyncLocalStorage<OnCell>();

/** Runs `work`, and tells the process of the cell that it takes of a pool of `poolOf`. */
export function tellingCell<T>(onCell: OnCell, work: () => Promise<T>): Promise<T> {
  return sessions.run(onCell, work);
}

/** A pool that tells which session took which cell. */
export function poolOf(library: Library, size: number): CellPool {
  class TellingPool extends library.CellPool {
    override async take(): ReturnType<CellPool["take"]> {
      const cell = await super.take();
      if (cell.pid !== undefined) sessions.getStore()?.(cell.pid);
      return cell;
    }
  }
  return new TellingPool({ size });
}

/** Starts fresh cells one after the other, so that each is known by being new. */
export class ColdStarts {
  #last: Promise<unknown> = Promise.resolve();
  /** The kernel's list of children may leave some out while others end: those seen stay known. */
  readonly #known = new Set<string>();

  /** Runs `work`, which starts fresh cells at any time: nobody else may do so meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = settled(done);
    return done;
  }

  /** Runs `work`, which starts a fresh cell, and tells its process if it is seen. */
  run<T>(onCell: OnCell, work: () => Promise<T>): Promise<T> {
    const started = this.#last.then(async () => {
      for (const { id } of freshCells()) this.#know(id);
      const running = work();
      const isOver = { value: false };
      const over = () => {
        isOver.value = true;
      };
      running.then(over, over);
      await this.#await(isOver, onCell);
      return { running };
    });
    this.#last = settled(started);
    return started.then(({ running }) => running);
  }

  /** Those seen long ago are gone for good: a soak must not grow by what it knows of them. */
  #know(id: string): void {
    this.#known.add(id);
    for (const oldest of this.#known) {
      if (this.#known.size <= KNOWN_MAX) return;
      this.#known.delete(oldest);
    }
  }

  async #await(isOver: { readonly value: boolean }, onCell: OnCell): Promise<void> {
    while (!isOver.value) {
      const cell = freshCells().find(({ id }) => !this.#known.has(id));
      if (cell !== undefined) {
        this.#know(cell.id);
        onCell(cell.pid);
        return;
      }
      await sleep(1);
    }
  }
}

/** Waits without keeping what came of it: megabytes of output would count as what is left. */
function settled(work: Promise<unknown>): Promise<void> {
  const nothing = () => undefined;
  return work.then(nothing, nothing);
}

/** Many more than can be there at a time. */
const KNOWN_MAX = 1000;

interface FreshCell {
  readonly pid: number;
  /** The number with the time of its start: numbers come again. */
  readonly id: string;
}

/** Children of this process that are cells for one session each, by what they were told. */
function freshCells(): FreshCell[] {
  const children = readIfThere(`/proc/${process.pid}/task/${process.pid}/children`);
  return children
    .split(" ")
    .filter((text) => text !== "")
    .map(Number)
    .filter((pid) => readIfThere(`/proc/${pid}/cmdline`).includes('"isWarm":false'))
    .map((pid) => ({ pid, id: `${pid} ${startOf(pid)}` }));
}

/** When a process was started, as the kernel says it. */
function startOf(pid: number): string | undefined {
  const [, rest = ""] = readIfThere(`/proc/${pid}/stat`).split(") ");
  return rest.split(" ")[START_FIELD];
}

/** Of the fields behind the name. */
const START_FIELD = 19;

/**
 * Kills a cell as its host could not: its innermost process, or the one around it, which takes the
 * inner one with it as soon as that runs a program of its own. Before, both have to be killed.
 */
export function killCell(pid: number, isInnermost: boolean): void {
  // It makes no process meanwhile.
  signal(pid, "SIGSTOP");
  const inner = descendants(pid).at(-1);
  const isBound = inner !== undefined && readIfThere(`/proc/${inner}/comm`) !== "unshare\n";
  if (inner !== undefined && (isInnermost || !isBound)) signal(inner, "SIGKILL");
  if (isInnermost && inner !== undefined) signal(pid, "SIGCONT");
  else signal(pid, "SIGKILL");
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}
