import { type HostLoad, NO_LOAD } from "./host-book.ts";
import { mixed } from "./seeded-hash.ts";
import type { Spot } from "./spot.ts";
import { keysOf } from "./storage-host.ts";

/** What speaks for and against the places of one instance. */
export interface Judgement {
  /** Of the job and the instance: decides between what is equal otherwise. */
  readonly seed: number;
  /** When a host that is out comes back; 0 for one that is in. */
  outUntilMs(spot: Spot): number;
  loadAt(key: string): HostLoad;
  /** Whether what the instance is connected with is there, and there is room beside it. */
  isNear(key: string, load: HostLoad): boolean;
  /** Whether another copy of the same node is there. */
  isTaken(key: string): boolean;
}

/** A place with what was found about it. */
export interface JudgedSpot {
  readonly spot: Spot;
  readonly key: string;
  readonly outUntilMs: number;
  readonly isTaken: boolean;
  readonly isNear: boolean;
  /** Not looked up for handoffs, which go by their order. */
  readonly load: HostLoad;
  /** 0 holds the object, 1 may hold it, 2 does not. */
  readonly distance: 0 | 1 | 2;
  readonly at: number;
  readonly tie: number;
}

/**
 * Places in the order in which they are tried: hosts that are in before those that are out, hosts
 * without another copy of the node first, replicas before handoffs, handoffs before hosts to which
 * all is brought, of these those first where what it is connected with is; then the least busy.
 * Those that are out go by when they come back.
 */
export function orderSpots(spots: readonly Spot[], judgement: Judgement): JudgedSpot[] {
  return spots.map((spot, at) => judge(spot, at, judgement)).sort(compare);
}

function judge(spot: Spot, at: number, judgement: Judgement): JudgedSpot {
  const { server: key, hash } = keysOf(spot.host);
  const distance = distanceOf(spot);
  const load = distance === 1 ? NO_LOAD : judgement.loadAt(key);
  return {
    spot,
    key,
    outUntilMs: judgement.outUntilMs(spot),
    isTaken: judgement.isTaken(key),
    isNear: distance !== 1 && judgement.isNear(key, load),
    load,
    distance,
    at,
    tie: mixed(judgement.seed, hash),
  };
}

function distanceOf({ isLocal, host }: Spot): 0 | 1 | 2 {
  if (!isLocal) return 2;
  return host.isHandoff ? 1 : 0;
}

function compare(one: JudgedSpot, other: JudgedSpot): number {
  return (
    one.outUntilMs - other.outUntilMs ||
    Number(one.isTaken) - Number(other.isTaken) ||
    one.distance - other.distance ||
    // Replicas go by their load: what is read there is more than what is written to each other.
    (one.distance === 2 ? Number(other.isNear) - Number(one.isNear) : 0) ||
    // The first handoff is the one that most likely took what a primary could not.
    (one.distance === 1 ? one.at - other.at : byLoad(one, other))
  );
}

function byLoad(one: JudgedSpot, other: JudgedSpot): number {
  return (
    one.load.sessions - other.load.sessions ||
    one.load.bytes - other.load.bytes ||
    one.tie - other.tie ||
    one.at - other.at
  );
}
