import { ERRNO, type Errno } from "../../base/index.ts";
import type { OpenFile, Origin } from "../fs/index.ts";
import type { Guest } from "../wasi/index.ts";
import type { HeapPages } from "./heap-pages.ts";
import type { NexeMemory } from "./nexe-memory.ts";
import type { RefusedCalls } from "./refused-calls.ts";
import type { SyncTable } from "./sync-table.ts";

/** What the calls of a nexe guest need of a guest's world: all but its way to memory. */
export type NaclGuest = Omit<Guest, "memory" | "spans">;

/** What the system calls of one nexe guest work on. */
export interface NaclWorld {
  readonly guest: NaclGuest;
  readonly memory: NexeMemory;
  /** Absent where a guest has all of its heap from the start: then nothing is mapped. */
  readonly pages?: HeapPages;
  readonly sync: SyncTable;
  /** The two words that a thread has for itself. */
  readonly thread: { tls: number; secondTls: number };
  /** The time at which it began, in nanoseconds since 1970. */
  readonly startNs: bigint;
  readonly refused: RefusedCalls;
  /** Names of the calls whose effect nobody stores when the guest's state is. */
  readonly lost: Set<string>;
}

/**
 * Answers a call by its words, unsigned numbers of 32 bits.
 * @returns a word, or a negative errno
 */
export type NaclAnswer = (
  world: NaclWorld,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
) => number;

/** Where paths of the guest begin. */
export function originOf({ guest }: NaclWorld): Origin {
  return { start: guest.cwd, ceiling: guest.tree.root };
}

/** Does something with an open file; `EBADF` where there is none. */
export function withFile(
  { guest }: NaclWorld,
  fd: number,
  act: (file: OpenFile) => number,
): number {
  const file = guest.descriptors.get(fd);
  return file === undefined ? -ERRNO.EBADF : act(file);
}

/** 0, or the negative errno. */
export function negative(errno: Errno): number {
  return errno === ERRNO.OK ? 0 : -errno;
}
