import { closeSync } from "node:fs";
import { HostIoError } from "../../base/index.ts";
import { streamPair } from "../../zerovm/libc/index.ts";
import type { WireEnd } from "../../zerovm/session/index.ts";
import type { Instance, NodeEnd, PlanEnds } from "../plan/index.ts";
import type { Release } from "./admission.ts";
import type { Connected } from "./node-place.ts";
import { Refusal } from "./refusal.ts";
import { Slots } from "./slots.ts";

/** Sessions that have their ends open in this process at one time, until their cells have them. */
export const STARTING_MAX = 16;

/** An end whose other one was taken. */
interface WaitingEnd {
  readonly fd: number;
  /** Whose it is. */
  readonly instance: number;
}

/**
 * The wires of one job between sessions of this host: pairs of sockets, each made when the first of
 * its two ends is taken, so that there are never all of them at once.
 */
export class LocalWires implements Connected {
  readonly #ends: PlanEnds;
  readonly #names: ReadonlyMap<number, string>;
  /** By wire. */
  readonly #waiting = new Map<string, WaitingEnd>();
  /** Instances that take nothing any more. */
  readonly #gone = new Set<number>();
  readonly #starting = new Slots(STARTING_MAX);

  constructor(instances: readonly Instance[], ends: PlanEnds) {
    this.#ends = ends;
    this.#names = new Map(instances.map((instance) => [instance.id, nameOfInstance(instance)]));
  }

  /** Waits until an instance may take its ends. @throws the reason of the signal */
  async enter(signal: AbortSignal): Promise<Release> {
    return await this.#starting.take(signal);
  }

  /**
   * All ends of an instance, by device; they are the caller's to close.
   * @throws Refusal where this process has no descriptors for them
   */
  take({ id, node }: Instance): ReadonlyMap<string, readonly WireEnd[]> {
    const taken: number[] = [];
    try {
      const channels = this.#ends.of(node.id).map((end) => {
        const wires = end.peers.map((peer) => {
          const fd = this.#takeEnd(id, peer, end.access);
          taken.push(fd);
          return { fd, name: this.#names.get(peer) ?? "" };
        });
        return [end.device, wires] as const;
      });
      return new Map(channels);
    } catch (error) {
      for (const fd of taken) closeSync(fd);
      if (!(error instanceof HostIoError)) throw error;
      throw new Refusal(503, `Node ${node.name} cannot be connected: ${error.code}`, error);
    }
  }

  leave({ id }: Instance): void {
    this.#gone.add(id);
    for (const [wire, { fd, instance }] of this.#waiting) {
      if (instance !== id) continue;
      this.#waiting.delete(wire);
      closeSync(fd);
    }
  }

  close(): void {
    for (const { fd } of this.#waiting.values()) closeSync(fd);
    this.#waiting.clear();
  }

  #takeEnd(own: number, peer: number, access: NodeEnd["access"]): number {
    const wire = access === "write" ? `${own}>${peer}` : `${peer}>${own}`;
    const waiting = this.#waiting.get(wire);
    if (waiting !== undefined) {
      this.#waiting.delete(wire);
      return waiting.fd;
    }
    const [near, far] = streamPair();
    // Who left without its end has none: the other one then finds that out.
    if (this.#gone.has(peer)) closeSync(far);
    else this.#waiting.set(wire, { fd: far, instance: peer });
    return near;
  }
}

/** How the report of a session names another one. */
export function nameOfInstance({ node, copy }: Pick<Instance, "node" | "copy">): string {
  return copy === 0 ? `node ${node.name}` : `node ${node.name}, copy ${copy}`;
}

/**
 * The most descriptors that the wires of these instances need at one time, where they take their
 * ends in this order.
 */
export function descriptorsOf(instances: readonly Instance[], ends: PlanEnds): number {
  const counts = instances.map(({ node }) => {
    return ends.of(node.id).reduce((sum, { peers }) => sum + peers.length, 0);
  });
  const begun = new Set<number>();
  let waiting = 0;
  let most = 0;
  for (const [at, { id, node }] of instances.entries()) {
    for (const { peers } of ends.of(node.id)) {
      for (const peer of peers) waiting += begun.has(peer) ? -1 : 1;
    }
    begun.add(id);
    const starting = counts.slice(Math.max(0, at + 1 - STARTING_MAX), at + 1);
    most = Math.max(most, waiting + starting.reduce((sum, count) => sum + count, 0));
  }
  return most;
}
