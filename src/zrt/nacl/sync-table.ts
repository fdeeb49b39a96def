import { ERRNO } from "../../base/index.ts";
import type { SyncState } from "./nacl-state.ts";

/** A mutex, condition variable or semaphore of a guest that has one thread. */
export type SyncObject =
  | { readonly kind: "mutex"; isLocked: boolean }
  | { readonly kind: "condition" }
  | { readonly kind: "semaphore"; count: number };

export type SyncKind = SyncObject["kind"];

/** Their numbers begin here, above those of files. */
export const SYNC_START = 0x10_0000;
/** As many as a guest may have at a time. */
const OBJECTS_MAX = 65_536;

/** The numbers of the kinds, where objects are stored; 0 stands for none. */
const SYNC_KINDS: readonly (SyncKind | undefined)[] = [
  undefined,
  "mutex",
  "condition",
  "semaphore",
];

/** The objects of a guest by their numbers, which are descriptors for it: `close` ends them. */
export class SyncTable {
  readonly #objects: (SyncObject | undefined)[];
  readonly #free: number[];

  /** @param objects those that a guest has which goes on, and `free` places between them */
  constructor(objects: readonly SyncState[] = [], free: readonly number[] = []) {
    this.#objects = objects.slice(0, OBJECTS_MAX).map(restored);
    this.#free = [...free];
  }

  /** All places, with what is in them. */
  get objects(): SyncState[] {
    return this.#objects.map(stored);
  }

  /** Places that are free, in the order in which they became so. */
  get free(): readonly number[] {
    return this.#free;
  }

  /** @returns the number of the new object, or a negative errno: ENFILE for too many. */
  add(object: SyncObject): number {
    const slot = this.#free.pop() ?? this.#objects.length;
    if (slot >= OBJECTS_MAX) return -ERRNO.ENFILE;
    this.#objects[slot] = object;
    return SYNC_START + slot;
  }

  get<Kind extends SyncKind>(
    number: number,
    kind: Kind,
  ): Extract<SyncObject, { kind: Kind }> | undefined {
    const object = this.#objects[number - SYNC_START];
    return object?.kind === kind ? (object as Extract<SyncObject, { kind: Kind }>) : undefined;
  }

  /** @returns whether there was one. */
  close(number: number): boolean {
    const slot = number - SYNC_START;
    if (this.#objects[slot] === undefined) return false;
    this.#objects[slot] = undefined;
    this.#free.push(slot);
    return true;
  }
}

function stored(object: SyncObject | undefined): SyncState {
  const kind = SYNC_KINDS.indexOf(object?.kind);
  if (object?.kind === "mutex") return { kind, value: object.isLocked ? 1 : 0 };
  return { kind, value: object?.kind === "semaphore" ? object.count : 0 };
}

function restored({ kind, value }: SyncState): SyncObject | undefined {
  const name = SYNC_KINDS[kind];
  if (name === "mutex") return { kind: name, isLocked: value !== 0 };
  if (name === "semaphore") return { kind: name, count: value };
  return name === undefined ? undefined : { kind: name };
}
