import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { hostKey, type Placed, type Spot } from "../../placement/index.ts";
import type { Instance, PlanEnds } from "../../plan/index.ts";
import { nameOfInstance } from "../../run/index.ts";
import type { OrderedSeat, OrderedWire, WireAt } from "../orders/index.ts";
import type { GatheredSeat } from "./gathering.ts";
import type { SeatHolder } from "./seat-holder.ts";
import type { Tries } from "./tries.ts";

/** The place of one instance, in one attempt to run its set. */
export interface AttemptSeat {
  readonly spot: Spot;
  readonly placed: Placed;
  readonly tries: Tries;
  /** What its order says of its place and its wires. */
  readonly ordered: OrderedSeat;
  /** Ends with the attempt, and with the job. */
  readonly signal: AbortSignal;
  /** Its order can go out; resolves when those of all others can too, or never will. */
  ready(): Promise<void>;
  /** Whether a worker has all of its order now, and so has its place. */
  sent(isSent: boolean): void;
}

export interface AttemptParts {
  readonly seats: readonly GatheredSeat[];
  readonly placed: ReadonlyMap<number, Placed>;
  readonly ends: PlanEnds;
  readonly holder: Pick<SeatHolder, "hold" | "release">;
  /** Of the job. */
  readonly signal: AbortSignal;
}

/** Between two times that a worker is told to hold a place on, which it does for a minute. */
const RENEW_MS = 20_000;

/** How a wire of one attempt is called. */
export function wireName(set: string, from: number, to: number): string {
  return `${set}/${from}>${to}`;
}

/** One attempt to run a connected set: a place for each of its instances. */
export class SetAttempt {
  readonly #parts: AttemptParts;
  readonly #seats: ReadonlyMap<number, GatheredSeat>;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  readonly #renewing: NodeJS.Timeout;
  /** Instances whose orders workers have. */
  readonly #sent = new Set<number>();
  readonly #ready = new Set<number>();
  readonly #over = new Set<number>();
  readonly #allReady = new Event();
  readonly #allOver = new Event();
  #wasAllSent = false;
  #isSpoiled = false;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
    this.#seats = new Map(parts.seats.map((seat) => [seat.member.instance.id, seat]));
    this.#signal = AbortSignal.any([parts.signal, this.#ending.signal]);
    // Each of its instances listens, however many there are.
    setMaxListeners(0, this.#signal);
    this.#renewing = setInterval(() => this.#renew(), RENEW_MS).unref();
  }

  /** Whether it was given up, for another attempt or for good. */
  get isEnded(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Whether its nodes may have begun. */
  get wasAllSent(): boolean {
    return this.#wasAllSent;
  }

  /** Whether a session of it counts, so that it cannot be made undone by another attempt. */
  get isSpoiled(): boolean {
    return this.#isSpoiled;
  }

  seatOf({ id }: Instance): AttemptSeat {
    const seat = this.#seatAt(id);
    const placed = this.#parts.placed.get(id);
    if (placed === undefined) throw new Error("every instance of a set was placed");
    return {
      spot: seat.spot,
      placed,
      tries: seat.member.tries,
      ordered: { ticket: seat.ticket, wires: this.#wiresOf(seat) },
      signal: this.#signal,
      ready: async () => {
        this.#getReady(id);
        await this.#allReady.wait(this.#signal);
        this.#signal.throwIfAborted();
      },
      sent: (isSent) => {
        if (isSent) this.#sent.add(id);
        else this.#sent.delete(id);
        this.#wasAllSent ||= this.#sent.size === this.#seats.size;
      },
    };
  }

  /** An instance ended well; resolves when all others have too, or when that matters no more. */
  async over({ id }: Instance): Promise<void> {
    this.left({ id });
    await this.#allOver.wait(this.#signal);
  }

  /** The session of an instance has ended. */
  left({ id }: Pick<Instance, "id">): void {
    this.#seatAt(id).leave();
    // Where it has no order the others need not wait for that: they may go on without it.
    this.#getReady(id);
    this.#over.add(id);
    if (this.#over.size === this.#seats.size) this.#allOver.come();
  }

  /** An instance has ended, and what it came to is told. */
  spoil(): void {
    this.#isSpoiled = true;
    this.#allOver.come();
  }

  /** Waits so long, or until it is given up. */
  async wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal }).catch(() => undefined);
  }

  /** What an instance has and never took is given back. */
  leave({ id }: Instance): void {
    const seat = this.#seatAt(id);
    if (this.#sent.has(id)) return;
    this.#sent.add(id);
    this.#parts.holder.release([seat]);
  }

  /** Ends all sessions of it, and gives all places back. */
  end(): void {
    if (this.isEnded) return;
    clearInterval(this.#renewing);
    this.#ending.abort();
    const seats = [...this.#seats.values()];
    for (const seat of seats) seat.leave();
    this.#parts.holder.release(seats.filter(({ member }) => !this.#sent.has(member.instance.id)));
  }

  #getReady(id: number): void {
    this.#ready.add(id);
    if (this.#ready.size === this.#seats.size) this.#allReady.come();
  }

  #seatAt(id: number): GatheredSeat {
    const seat = this.#seats.get(id);
    if (seat === undefined) throw new Error("every instance of a set has a place");
    return seat;
  }

  #wiresOf(own: GatheredSeat): OrderedWire[] {
    const { ends } = this.#parts;
    const { id, node } = own.member.instance;
    const { set } = own.hold;
    return ends.of(node.id).flatMap(({ device, access, peers }) => {
      return peers.map((peer): OrderedWire => {
        const isRead = access === "read";
        const [from, to] = isRead ? [peer, id] : [id, peer];
        const other = this.#seatAt(peer);
        return {
          name: wireName(set, from, to),
          way: isRead ? "in" : "out",
          device,
          peer,
          peerName: nameOfInstance(other.member.instance),
          at: placeOf(own, other, isRead),
        };
      });
    });
  }

  /** Places that wait for what is brought are held on. */
  #renew(): void {
    const { holder } = this.#parts;
    for (const [id, { spot, hold }] of this.#seats) {
      // What a worker does not hold any more it says when the order comes.
      if (!this.#sent.has(id)) holder.hold(spot, hold, this.#signal).catch(() => undefined);
    }
  }
}

function placeOf(own: GatheredSeat, other: GatheredSeat, isRead: boolean): WireAt {
  if (hostKey(own.host) === hostKey(other.host)) return "local";
  return isRead ? "door" : other.door;
}

/** Something that comes once, and is waited for. */
class Event {
  #come: () => void = () => undefined;
  readonly #coming = new Promise<void>((resolve) => {
    this.#come = resolve;
  });

  come(): void {
    this.#come();
  }

  /** Until it comes, or the signal does. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    signal.addEventListener("abort", stop, { once: true });
    await Promise.race([this.#coming, stopped]);
    signal.removeEventListener("abort", stop);
  }
}
