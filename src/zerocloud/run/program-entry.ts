import { assert } from "../../base/index.ts";
import { closeKept, type Kept } from "./kept-program.ts";
import type { ProgramDoor, ProgramTurn } from "./program-door.ts";

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
  /** Settles when the bytes of who began it are read. */
  #reading: Promise<unknown> | undefined;
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
   * the others of an account because that wants the same one. Whoever wants it no more is kept
   * waiting only while bytes are read, which may be his; it is made all the same.
   * @throws what the door and `make` throw; the reason of the signal
   */
  async kept(
    { account, signal }: ProgramTaker,
    door: ProgramDoor,
    make: BeginMaking,
  ): Promise<Kept> {
    const begun = new AbortController();
    const either = signal === undefined ? [begun.signal] : [begun.signal, signal];
    this.#waiting.add(begun);
    try {
      if (this.#making === undefined) {
        const turn = await door.enter(account, AbortSignal.any(either));
        if (this.#making === undefined) this.#begin(make, turn);
        else turn.release();
      }
    } catch (error) {
      if (this.#making === undefined) throw error;
      signal?.throwIfAborted();
    } finally {
      this.#waiting.delete(begun);
    }
    assert(this.#making !== undefined, "who waited to the end has begun it, or somebody else has");
    await this.#reading;
    return await unlessAborted(this.#making, signal);
  }

  #begin(make: BeginMaking, turn: ProgramTurn): void {
    let making: Promise<Kept> | undefined;
    const read = new Promise<void>((resolve) => {
      making = make(turn, resolve).finally(turn.release);
    });
    assert(making !== undefined, "what makes a promise runs at once");
    this.#making = making;
    this.#reading = Promise.race([read, making.catch(NOTHING)]);
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

/** Begins to make a program. @param onRead called when its bytes are not read any more */
export type BeginMaking = (turn: ProgramTurn, onRead: () => void) => Promise<Kept>;

/** What work comes to, or the reason of the signal where that is aborted before. */
async function unlessAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return await work;
  signal.throwIfAborted();
  let leave = NOTHING;
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener("abort", leave);
  });
  try {
    return await Promise.race([work, left]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

const NOTHING = (): void => undefined;
