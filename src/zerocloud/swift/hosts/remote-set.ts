import { randomBytes } from "node:crypto";
import {
  type HostBook,
  hostKey,
  type Placed,
  type Placer,
  type Spot,
} from "../../placement/index.ts";
import type { Instance, PlanEnds } from "../../plan/index.ts";
import { type Connected, closeOutputs, type NodeSession, Refusal } from "../../run/index.ts";
import type { Hold } from "../orders/index.ts";
import { Gathering, type Member } from "./gathering.ts";
import type { HostGates } from "./host-gates.ts";
import { hostLabel } from "./host-label.ts";
import type { SeatHolder } from "./seat-holder.ts";
import { type AttemptSeat, SetAttempt, wireName } from "./set-attempt.ts";
import { Tries } from "./tries.ts";

/** What one order for a node of a set came to. */
export type SeatTried =
  | { readonly kind: "session"; readonly session: NodeSession }
  /** The host was lost, or does not hold the place any more. */
  | { readonly kind: "lost"; readonly why: string }
  /** The node lost another one before it began. */
  | { readonly kind: "peer"; readonly why: string };

/** Sends the order of an instance to the place that it has. @throws Refusal */
export type RunSeat = (seat: AttemptSeat) => Promise<SeatTried>;

export interface RemoteSetParts {
  readonly instances: readonly Instance[];
  readonly ends: PlanEnds;
  readonly placer: Placer;
  /** One place at each server that the cluster named. */
  readonly everywhere: readonly Spot[];
  readonly holder: Pick<SeatHolder, "hold" | "release">;
  readonly gates: HostGates;
  readonly book: HostBook;
  readonly account: string;
  readonly tell: (text: string, cause?: unknown) => void;
  /** Ends it all. */
  readonly signal: AbortSignal;
  /** How long one that lost another waits for the news of why; two seconds unless given. */
  readonly causeMs?: number;
}

const MS = 1000;
const ATTEMPTS_MAX = 3;
const STANDARD_CAUSE_MS = 2000;
const ID_BYTES = 16;
const KEY_BYTES = 32;

/**
 * The connected nodes of one job in a cluster: all have places before one has its order. When a
 * host is lost all of them are placed anew, for what they did until then is known to nobody.
 */
export class RemoteSet implements Connected {
  readonly #parts: RemoteSetParts;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  #attempt: Promise<SetAttempt>;
  /** Of all attempts: it stays before those that came later. */
  readonly #since = Date.now();
  #attempts = 0;
  /** Whether nodes of an attempt that was given up may have begun. */
  #hasRunTwice = false;

  private constructor(parts: RemoteSetParts) {
    this.#parts = parts;
    this.#signal = AbortSignal.any([parts.signal, this.#closing.signal]);
    this.#attempt = this.#begin();
  }

  /**
   * Has places held for all of them.
   * @throws Refusal where there are none; the reason of the signal
   */
  static async connect(parts: RemoteSetParts): Promise<RemoteSet> {
    const set = new RemoteSet(parts);
    await set.#attempt;
    return set;
  }

  /**
   * Runs one of its instances, as often as the set is placed.
   * @throws Refusal; the reason of the signal
   */
  async run(instance: Instance, run: RunSeat): Promise<NodeSession> {
    const startMs = performance.now();
    for (;;) {
      const attempt = await this.#attempt;
      let seconds = 0;
      try {
        const session = await this.#runIn(attempt, instance, async (seat) => {
          const tried = await run(seat);
          seconds = (performance.now() - startMs) / MS;
          return tried;
        });
        // The others may have taken longer.
        if (session !== undefined) return { ...session, seconds };
      } catch (error) {
        this.#parts.signal.throwIfAborted();
        // It is placed anew: whatever this one came to is of no use.
        if (attempt.isEnded && (await this.#attempt) !== attempt) continue;
        attempt.spoil();
        throw error;
      } finally {
        attempt.left(instance);
      }
    }
  }

  leave(instance: Instance): void {
    void this.#attempt.then((attempt) => attempt.leave(instance)).catch(() => undefined);
  }

  close(): void {
    this.#closing.abort();
    void this.#attempt.then((attempt) => attempt.end()).catch(() => undefined);
    for (const instance of this.#parts.instances) this.#parts.placer.givenUp(instance);
  }

  /** @returns undefined where the set is placed anew */
  async #runIn(
    attempt: SetAttempt,
    instance: Instance,
    run: RunSeat,
  ): Promise<NodeSession | undefined> {
    const seat = attempt.seatOf(instance);
    const tried = await run(seat);
    if (tried.kind === "lost") {
      if (this.#again(attempt, tried.why)) return undefined;
      const host = hostLabel(seat.spot.host);
      const message = `The host of ${instance.node.name}, ${host}, was lost: ${tried.why}`;
      throw new Refusal(503, message);
    }
    const { causeMs = STANDARD_CAUSE_MS } = this.#parts;
    const ending = tried.kind === "peer" ? "consequence" : endingOf(tried.session);
    // Who lost another one may be told before we are what became of that.
    if (ending === "consequence") await attempt.wait(causeMs);
    // What is stored cannot be made undone: nothing is before all of them have come to an end.
    if (ending === "well") await attempt.over(instance);
    const isAnew = attempt.isEnded && !this.#signal.aborted;
    if (tried.kind === "session") {
      if (!isAnew) {
        if (ending !== "well") attempt.spoil();
        return tried.session;
      }
      closeOutputs(tried.session);
    }
    if (isAnew) return undefined;
    this.#parts.signal.throwIfAborted();
    throw new Refusal(503, `${instance.node.name} was not connected with ${whyOf(tried)}`);
  }

  /** Places the set anew. @returns false where that may not be */
  #again(attempt: SetAttempt, why: string): boolean {
    if (attempt.isEnded) return !this.#signal.aborted;
    const isLast = this.#attempts >= ATTEMPTS_MAX || (attempt.wasAllSent && this.#hasRunTwice);
    if (attempt.isSpoiled || isLast || this.#signal.aborted) return false;
    this.#hasRunTwice ||= attempt.wasAllSent;
    this.#parts.tell(`A connected set is placed anew: ${why}`);
    attempt.end();
    this.#attempt = this.#begin();
    // Each of its instances hears of it.
    this.#attempt.catch(() => undefined);
    return true;
  }

  async #begin(): Promise<SetAttempt> {
    this.#attempts += 1;
    const { ends, holder, gates, book, account, tell } = this.#parts;
    const placed = new Map(this.#placeAll().map((one) => [one.instance.id, one]));
    // Nobody guesses them.
    const names = { set: randomText(ID_BYTES), key: randomText(KEY_BYTES) };
    const members = [...placed.values()].map((one) => this.#memberOf(one, names));
    const signal = this.#signal;
    const gathering = new Gathering(members, { holder, gates, book, account, tell });
    const seats = await gathering.gather(signal);
    const attempt = new SetAttempt({ seats, placed, ends, holder, signal });
    const { placer } = this.#parts;
    for (const { member, host } of seats) placer.started(member.instance, host);
    if (signal.aborted) attempt.end();
    return attempt;
  }

  /** Those that run beside something first: the others go where those are. */
  #placeAll(): Placed[] {
    const { instances, placer, everywhere } = this.#parts;
    return placer.placeSet(instances).map((placed) => {
      const keys = new Set(placed.spots.map(({ host }) => hostKey(host)));
      const further = everywhere.filter(({ host }) => !keys.has(hostKey(host)));
      return { ...placed, spots: [...placed.spots, ...further] };
    });
  }

  #memberOf(placed: Placed, { set, key }: Pick<Hold, "set" | "key">): Member {
    const { instance, beside } = placed;
    const { id, node } = instance;
    const read = this.#parts.ends.of(node.id).filter(({ access }) => access === "read");
    const reads = read.flatMap(({ peers }) => peers.map((peer) => wireName(set, peer, id)));
    const hold = { id, set, since: this.#since, key, reads };
    const besideBytes = beside.kind === "object" ? beside.sizeBytes : 0;
    return { instance, tries: new Tries(placed, besideBytes), hold };
  }
}

/** What a session came to, for those that it was connected with. */
function endingOf({ report: { outcome } }: NodeSession): "well" | "failed" | "consequence" {
  if (outcome.kind === "exited") return "well";
  if (outcome.kind !== "lost") return "failed";
  return outcome.cause === "peer" || outcome.cause === "channel" ? "consequence" : "failed";
}

function whyOf(tried: SeatTried): string {
  return tried.kind === "session" ? "its peers" : tried.why;
}

function randomText(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
