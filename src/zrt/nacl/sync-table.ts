import { ERRNO } from "../../base/index.ts";

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

/** The objects of a guest by their numbers, which are descriptors for it: `close` ends them. */
export class SyncTable {
  readonly #objects: (SyncObject | undefined)[] = [];
  readonly #free: number[] = [];

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
