import { assert } from "../../base/index.ts";

/**
 * Where calls find what they work on. It may come after the calls, and after an instance that was
 * made with them.
 */
export class Seat<World extends object> {
  #world: World | undefined;

  take(world: World): void {
    this.#world = world;
  }

  /** What sits there, which has to be there before the first call. */
  get world(): World {
    assert(this.#world !== undefined, "a guest makes no call before it has its world");
    return this.#world;
  }
}

/** The calls of a guest, as an import object. */
export interface SeatedCalls<World extends object> {
  readonly imports: WebAssembly.Imports;
  readonly seat: Seat<World>;
}
