import type { Guest } from "../wasi/index.ts";
import { HeapPages, type HeapRange } from "./heap-pages.ts";
import type { NaclState } from "./nacl-state.ts";
import type { NaclWorld } from "./nacl-world.ts";
import { NexeMemory } from "./nexe-memory.ts";
import type { RefusedCalls } from "./refused-calls.ts";
import type { Regions } from "./regions.ts";
import { SyncTable } from "./sync-table.ts";

/** Where a nexe guest finds its memory, as far as its system calls need to know. */
export interface NaclSpace {
  /** Guest address of the first byte of linear memory. */
  readonly base: number;
  readonly regions: Regions;
  /**
   * What a program of Native Client is given by its system calls; absent: a program of ZeroVM,
   * which has all of its heap.
   */
  readonly naclHeap?: HeapRange;
  /** What `stateOf` gave for a guest that goes on; absent: it begins. */
  readonly resumed?: NaclState;
}

/** The world that the system calls of a guest work on. Refused calls are noted in `refused`. */
export function naclWorld(guest: Guest, space: NaclSpace, refused: RefusedCalls): NaclWorld {
  const { base, regions, naclHeap, resumed } = space;
  const clear = (start: number, end: number): void => {
    guest.memory.bytes.fill(0, start - base, end - base);
  };
  const pages = naclHeap === undefined ? undefined : new HeapPages(naclHeap, clear, resumed?.heap);
  const plan = { base, regions, ...(pages !== undefined && { pages }) };
  return {
    guest,
    memory: new NexeMemory(guest.memory, plan, guest.trace),
    ...(pages !== undefined && { pages }),
    sync: new SyncTable(resumed?.sync, resumed?.freeSync),
    thread: { tls: resumed?.tls ?? 0, secondTls: resumed?.secondTls ?? 0 },
    startNs: guest.clock.peek() - (resumed?.ageNs ?? 0n),
    refused,
    lost: new Set(),
  };
}

/** What the guest has at the moment, for one that goes on there. */
export function stateOf({ guest, pages, sync, thread, startNs }: NaclWorld): NaclState {
  return {
    ageNs: guest.clock.peek() - startNs,
    ...(pages !== undefined && { heap: pages.state }),
    sync: sync.objects,
    freeSync: sync.free,
    ...thread,
  };
}
