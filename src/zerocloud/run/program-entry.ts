import { assert } from "../../base/index.ts";
import { closeKept, type Kept } from "./kept-program.ts";
import type { ProgramDoor } from "./program-door.ts";

/** Who wants a program. */
export interface ProgramTaker {
  /** Whose turn it is where others wait; nobody's where it is empty. */
  readonly account: string;
  /** `judge` where nobody runs it yet: then it takes no place of another. */
  readonly use: "run" | "judge";
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** One program under one limit of memory, with those who use it now. */
export class ProgramEntry {
  /** Who used it last. */
  account: string;
  /** Whether somebody ran it. */
  isRun = false;
  users = 0;
  /** Known when it was made. */
  sizeBytes = 0;
  #isOld = false;
  #making: Promise<Kept> | undefined;
  /** End the waiting for a turn of those who want it. */
  readonly #waiting = new Set<AbortController>();

  constructor({ account }: ProgramTaker) {
    this.account = account;
  }

  /** Whether it is made, or about to be. */
  get isBegun(): boolean {
    return this.#making !== undefined;
  }

  /**
   * The program, made when it is the turn of the first of those who want it: nobody waits behind
   * the others of an account because that wants the same one.
   * @throws what the door and `make` throw
   */
  async kept(
    { account, signal }: ProgramTaker,
    door: ProgramDoor,
    make: () => Promise<Kept>,
  ): Promise<Kept> {
    const begun = new AbortController();
    const either = signal === undefined ? [begun.signal] : [begun.signal, signal];
    this.#waiting.add(begun);
    try {
      if (this.#making === undefined) {
        const release = await door.enter(account, AbortSignal.any(either));
        if (this.#making === undefined) this.#begin(make().finally(release));
        else release();
      }
    } catch (error) {
      if (this.#making === undefined) throw error;
      signal?.throwIfAborted();
    } finally {
      this.#waiting.delete(begun);
    }
    assert(this.#making !== undefined, "who waited to the end has begun it, or somebody else has");
    return await this.#making;
  }

  #begin(making: Promise<Kept>): void {
    this.#making = making;
    making.then(({ sizeBytes }) => {
      this.sizeBytes = sizeBytes;
    }, NOTHING);
    for (const begun of this.#waiting) begun.abort();
  }

  /** One user less. */
  leave(): void {
    this.users -= 1;
    this.#closeIfUnused();
  }

  /** Nobody else gets it: it is closed when it has no user any more. */
  drop(): void {
    this.#isOld = true;
    this.#closeIfUnused();
  }

  /** One that came to nothing has closed all that it had. */
  #closeIfUnused(): void {
    if (this.#isOld && this.users === 0) void this.#making?.then(closeKept, NOTHING);
  }
}

const NOTHING = (): void => undefined;
