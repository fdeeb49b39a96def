import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { ZvmError } from "../../../base/index.ts";
import { type HostBook, hostKey, type Spot } from "../../placement/index.ts";
import type { Instance } from "../../plan/index.ts";
import { Refusal } from "../../run/index.ts";
import type { Hold } from "../orders/index.ts";
import type { Entered, HostGates } from "./host-gates.ts";
import { HostLost } from "./object-servers.ts";
import type { Asked, SeatHolder, Ticket } from "./seat-holder.ts";
import type { Tries } from "./tries.ts";

/** An instance of a set that wants a place. */
export interface Member {
  readonly instance: Instance;
  readonly tries: Tries;
  /** What its worker is told of it. */
  readonly hold: Omit<Hold, "ticket">;
}

/** A place that is held for an instance. */
export interface GatheredSeat extends Ticket {
  readonly member: Member;
  readonly spot: Spot;
  readonly hold: Hold;
  /** Where wires come to it. */
  readonly door: { readonly host: string; readonly port: number };
  /** No session of ours is there any more. */
  leave(): void;
}

/** One time that all of them are asked for. */
interface Round {
  readonly signal: AbortSignal;
  /** Of the job, which what was asked does not outlast. */
  readonly job: AbortSignal;
  /** Ends it, and gives back what was had. */
  readonly close: () => void;
}

export interface GatheringParts {
  readonly holder: Pick<SeatHolder, "hold" | "release">;
  readonly gates: HostGates;
  readonly book: HostBook;
  readonly account: string;
  /** Told what is worth a line in the log. */
  readonly tell: (text: string, cause?: unknown) => void;
  /** From 0 up to 1; of the system unless given. */
  readonly random?: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs?: () => number;
}

/** How long what was had is held for the rest, at first and at most. */
const FIRST_WINDOW_MS = 250;
const LONGEST_WINDOW_MS = 30_000;
/** And for how long it lets go of all at most. */
const LONGEST_PAUSE_MS = 2000;
/** How long a set waits where workers are busy. */
const BUSY_MS_MAX = 300_000;

/**
 * Finds places for all instances of a connected set at the same time. Those that it has it keeps
 * for a while, so that a large set has its turn beside many small jobs. Of two sets that hold what
 * the other one wants the one that came later lets go of all that it has, for a random time.
 */
export class Gathering {
  readonly #parts: GatheringParts;
  readonly #members: readonly Member[];
  readonly #nowMs: () => number;
  /** Places of each worker, as far as it has told. */
  readonly #places = new Map<string, number>();
  readonly #lost = new Set<string>();

  constructor(members: readonly Member[], parts: GatheringParts) {
    this.#members = members;
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? (() => performance.now());
  }

  /**
   * @returns a place for each, in their order
   * @throws ZvmError ZVM_JOB_SLOTS where there are never so many; Refusal where there are not for
   *   five minutes, or hosts were lost; the reason of the signal
   */
  async gather(signal: AbortSignal): Promise<readonly GatheredSeat[]> {
    const { random = Math.random } = this.#parts;
    const endMs = this.#nowMs() + BUSY_MS_MAX;
    for (let windowMs = FIRST_WINDOW_MS; ; windowMs = Math.min(2 * windowMs, LONGEST_WINDOW_MS)) {
      const seats = await this.#round(windowMs, signal);
      if (seats.length === this.#members.length) return seats;
      this.#giveBack(seats);
      signal.throwIfAborted();
      this.#judge();
      if (this.#nowMs() > endMs) throw this.#refusal("the workers are busy");
      await pause(random() * Math.min(windowMs, LONGEST_PAUSE_MS), signal);
    }
  }

  async #round(windowMs: number, signal: AbortSignal): Promise<GatheredSeat[]> {
    const closing = new AbortController();
    const close = (): void => closing.abort();
    const timer = setTimeout(close, windowMs);
    const ending = AbortSignal.any([signal, closing.signal]);
    // Each of them listens, however many there are.
    setMaxListeners(0, ending);
    const asking = this.#members.map(async (member) => {
      const seat = await this.#seat(member, { signal: ending, job: signal, close });
      // The others need not wait for what cannot be.
      if (seat === undefined && member.tries.isOver) close();
      return seat;
    });
    const settled = await Promise.allSettled(asking);
    clearTimeout(timer);
    const seats = settled.flatMap((one) => {
      return one.status === "fulfilled" && one.value !== undefined ? [one.value] : [];
    });
    const defect = settled.find((one) => one.status === "rejected");
    if (defect === undefined) return seats;
    this.#giveBack(seats);
    throw defect.reason;
  }

  /** A place for one of them; undefined where the time is over, or no host could. */
  async #seat(member: Member, round: Round): Promise<GatheredSeat | undefined> {
    const { gates, account } = this.#parts;
    const { signal } = round;
    const { tries } = member;
    while (!tries.isOver && !signal.aborted) {
      let entered: Entered;
      try {
        entered = await gates.enter({ places: () => tries.places(), account, signal });
      } catch (error) {
        if (signal.aborted) return undefined;
        throw error;
      }
      const seat = await this.#ask(member, entered, round);
      if (seat !== undefined) return seat;
    }
    return undefined;
  }

  async #ask(
    member: Member,
    { spot, leave }: Entered,
    { job, close }: Round,
  ): Promise<GatheredSeat | undefined> {
    const { holder, book, gates } = this.#parts;
    const { host, partition } = spot;
    const ticket = randomBytes(TICKET_BYTES).toString("hex");
    const hold = { ...member.hold, ticket };
    const asked = await this.#answerTo(spot, hold, job);
    if (asked?.kind === "busy") {
      leave(true);
      return undefined;
    }
    if (asked?.kind !== "answer") {
      leave(false);
      // It may have heard of it all the same.
      holder.release([{ host, partition, ticket }]);
      if (asked === undefined) return undefined;
      book.failed(host);
      member.tries.failed(spot, { kind: "elsewhere", why: asked.why });
      this.#lost.add(hostKey(host));
      this.#places.set(hostKey(host), 0);
      return undefined;
    }
    const { held, behind, places, door } = asked.answer;
    this.#places.set(hostKey(host), places);
    gates.told(host, places);
    if (!held) {
      leave(true);
      // What this one has is in the way of the other, who waits for it.
      if (behind) close();
      return undefined;
    }
    const leaveBook = book.enter(host, spot.isLocal ? member.tries.besideBytes : 0);
    return {
      ...{ member, spot, hold, host, partition, ticket },
      door: { host: door.host ?? host.ip, port: door.port },
      leave: () => {
        leaveBook();
        leave(false);
      },
    };
  }

  /** @returns undefined where the job is over */
  async #answerTo(spot: Spot, hold: Hold, signal: AbortSignal): Promise<Asked | undefined> {
    try {
      return await this.#parts.holder.hold(spot, hold, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof HostLost)) throw error;
      this.#parts.tell(`${hostKey(spot.host)} was lost: ${error.message}`, error);
      return { kind: "elsewhere", why: "it was lost" };
    }
  }

  #giveBack(seats: readonly GatheredSeat[]): void {
    for (const seat of seats) seat.leave();
    this.#parts.holder.release(seats);
  }

  /** @throws ZvmError and Refusal where it is known that there will not be enough */
  #judge(): void {
    const lost = this.#members.find(({ tries }) => tries.isOver);
    if (lost !== undefined) {
      const { tries, instance } = lost;
      const message = `No storage host could run ${instance.node.name}; ${tries.last}`;
      throw new Refusal(503, message);
    }
    const keys = new Set(this.#members.flatMap(({ tries }) => tries.hosts.map(hostKey)));
    const told = [...keys].map((key) => this.#places.get(key));
    if (told.some((places) => places === undefined)) return;
    const places = told.reduce<number>((sum, one = 0) => sum + one, 0);
    const count = this.#members.length;
    if (places >= count) return;
    // Those that were lost may come back.
    if (this.#lost.size > 0) throw this.#refusal(`all workers that answer have ${places}`);
    throw new ZvmError("ZVM_JOB_SLOTS", `${needText(count)}; all workers together have ${places}`);
  }

  #refusal(why: string): Refusal {
    const count = this.#members.length;
    return new Refusal(503, `${needText(count)}, and ${why}`);
  }
}

function needText(count: number): string {
  return `The job needs ${count} places at the same time`;
}

const TICKET_BYTES = 16;

/** @throws the reason of the signal */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw cause;
  });
}
