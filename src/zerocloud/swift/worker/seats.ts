import type { Release } from "../../run/index.ts";
import type { Hold } from "../orders/index.ts";
import { Incoming, type SetDoor } from "./incoming.ts";
import { LocalPairs, type MakePair } from "./local-pairs.ts";

export interface SeatsParts {
  /** Sessions at one time. */
  readonly places: number;
  /** Where wires of other hosts come; without one no place is held. */
  readonly door?: SetDoor;
  /** Comes with the door. */
  readonly makePair?: MakePair;
  /** How long a place is held, a minute unless told. */
  readonly holdMs?: number;
}

/** The place of one node of a set. */
export interface Seat {
  readonly hold: Hold;
  readonly incoming: Incoming;
  /** Of its set, at this worker. */
  readonly pairs: LocalPairs;
}

/** A place that was held, and has its order now. */
export interface TakenSeat extends Seat {
  /** The place is free, and wires that nobody took are closed. */
  leave(): void;
  /** It is held again, for the same order is to come once more. */
  putBack(): void;
}

interface Held extends Seat {
  readonly timer: NodeJS.Timeout;
}

interface SetHere {
  readonly pairs: LocalPairs;
  /** That are held or have their orders. */
  seats: number;
}

const STANDARD_HOLD_MS = 60_000;

/**
 * The places of a worker. Most sessions take one when they come; nodes of a connected set have
 * theirs held before, for they begin together, and wires to them are waited for meanwhile.
 */
export class Seats {
  readonly #parts: SeatsParts;
  readonly #held = new Map<string, Held>();
  readonly #sets = new Map<string, SetHere>();
  /** Of places that have their orders. */
  readonly #tickets = new Set<string>();
  #taken = 0;

  constructor(parts: SeatsParts) {
    this.#parts = parts;
  }

  get places(): number {
    return this.#parts.places;
  }

  /** By sessions. */
  get taken(): number {
    return this.#taken;
  }

  get held(): number {
    return this.#held.size;
  }

  /** A place for a session that was not announced. @returns undefined where none is free */
  enter(): Release | undefined {
    if (this.#isFull) return undefined;
    this.#taken += 1;
    return onceOnly(() => {
      this.#taken -= 1;
    });
  }

  /** Holds a place, or holds it on. @returns whether it is held now */
  hold(hold: Hold): boolean {
    const { door, makePair } = this.#parts;
    const known = this.#held.get(hold.ticket);
    known?.timer.refresh();
    // Its order may have come meanwhile.
    if (known !== undefined || this.#tickets.has(hold.ticket)) return true;
    if (door === undefined || makePair === undefined || this.#isFull) return false;
    // Who let go of another place of this instance may be heard after who asks for this one.
    if (this.#isHeld(hold)) return false;
    const { pairs } = this.#join(hold, makePair);
    this.#keep({ hold, pairs, incoming: new Incoming(door, hold) });
    return true;
  }

  /** Whether a place that could be had is held for a set that came before. */
  isBehind({ set, since }: Hold): boolean {
    return [...this.#held.values()].some(({ hold }) => {
      return hold.set !== set && (hold.since < since || (hold.since === since && hold.set < set));
    });
  }

  /** Nobody comes for these places any more. */
  release(tickets: readonly string[]): void {
    for (const ticket of tickets) {
      const held = this.#held.get(ticket);
      if (held === undefined) continue;
      clearTimeout(held.timer);
      this.#held.delete(ticket);
      this.#end(held);
    }
  }

  /** The order has come that a place is held for. @returns undefined where none is held for it */
  take(ticket: string): TakenSeat | undefined {
    const held = this.#held.get(ticket);
    if (held === undefined) return undefined;
    clearTimeout(held.timer);
    this.#held.delete(ticket);
    this.#taken += 1;
    this.#tickets.add(ticket);
    const { hold, incoming, pairs } = held;
    const seat = { hold, incoming, pairs };
    let isOver = false;
    const over = (then: () => void) => (): void => {
      if (isOver) return;
      isOver = true;
      this.#taken -= 1;
      this.#tickets.delete(ticket);
      then();
    };
    return { ...seat, leave: over(() => this.#end(seat)), putBack: over(() => this.#keep(seat)) };
  }

  /** Holds nothing any more. */
  close(): void {
    this.release([...this.#held.keys()]);
  }

  /** Whether an instance has a place here, under whatever ticket: its wires come to that. */
  #isHeld({ set, id }: Hold): boolean {
    return [...this.#held.values()].some(({ hold }) => hold.set === set && hold.id === id);
  }

  get #isFull(): boolean {
    return this.#taken + this.#held.size >= this.#parts.places;
  }

  #keep(seat: Seat): void {
    const { holdMs = STANDARD_HOLD_MS } = this.#parts;
    const { ticket } = seat.hold;
    const timer = setTimeout(() => this.release([ticket]), holdMs).unref();
    this.#held.set(ticket, { ...seat, timer });
  }

  #join({ set, id }: Hold, makePair: MakePair): SetHere {
    const here = this.#sets.get(set) ?? { pairs: new LocalPairs(makePair), seats: 0 };
    here.seats += 1;
    here.pairs.come(id);
    this.#sets.set(set, here);
    return here;
  }

  #end({ hold, incoming }: Seat): void {
    incoming.close();
    const here = this.#sets.get(hold.set);
    if (here === undefined) return;
    here.seats -= 1;
    here.pairs.leave(hold.id);
    if (here.seats > 0) return;
    this.#sets.delete(hold.set);
    here.pairs.close();
  }
}

/** Does something the first time that it is asked. */
export function onceOnly(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
