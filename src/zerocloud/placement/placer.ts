import { type Instance, instancesOf, type Plan } from "../plan/index.ts";
import { Anywhere } from "./anywhere.ts";
import { type Beside, besideOf, type ClusterView } from "./beside.ts";
import type { HostBook } from "./host-book.ts";
import { bytesByHost, LocationGroups } from "./location-groups.ts";
import { type JudgedSpot, type Judgement, orderSpots } from "./order-spots.ts";
import { PlannedLoads } from "./planned-loads.ts";
import { hashOfText, mixed } from "./seeded-hash.ts";
import { type Spot, spotsOf } from "./spot.ts";
import { hostKey, type Located, type StorageHost } from "./storage-host.ts";
import { whyHere, whyWithGroup } from "./why.ts";

/** Sessions of a server up to which those come there that others there are connected with. */
const NEAR_SESSIONS = 2;

/** Where an instance runs. */
export interface Placed {
  readonly instance: Instance;
  readonly beside: Beside;
  /** Places in the order in which they are tried; empty only where a cluster names no host. */
  readonly spots: readonly Spot[];
  /** Why the first one is first. */
  readonly why: string;
}

/** Hosts that are drawn for what runs anywhere: the least busy of a few is seldom a busy one. */
const DRAWN = 6;

/** Further hosts for what runs beside an object, to which all is brought when no replica serves. */
const DRAWN_FURTHER = 2;

/**
 * Places the instances of one job, one after another, in the order in which they are to start. It
 * counts what it placed as load until that has started, and is counted in the book. The same job
 * over the same state of the cluster and the book is placed the same.
 */
export class Placer {
  readonly instances: readonly Instance[];
  readonly #cluster: ClusterView;
  readonly #book: HostBook;
  readonly #seed: number;
  readonly #anywhere: Anywhere;
  readonly #groups: LocationGroups;
  readonly #planned = new PlannedLoads();
  /** Servers of the copies of nodes that have some, by the number of the node. */
  readonly #copies = new Map<number, Map<number, string>>();
  /** Servers where instances run that are connected with others of the job. */
  readonly #connected = new Map<string, Spot>();
  /** Where the groups of locations run, by their labels. */
  readonly #groupSpots = new Map<string, GroupSpot>();

  constructor(plan: Plan, cluster: ClusterView, book: HostBook, jobId: string) {
    this.instances = instancesOf(plan);
    this.#cluster = cluster;
    this.#book = book;
    this.#seed = hashOfText(jobId);
    this.#anywhere = new Anywhere(cluster.anywhere, book);
    this.#groups = new LocationGroups(this.instances);
  }

  place(instance: Instance): Placed {
    const nowMs = this.#book.nowMs();
    const { beside, located } = this.#wish(instance);
    const judgement = this.#judgement(instance, nowMs);
    const own = located === undefined ? [] : spotsOf(located, true);
    const drawn = this.#anywhere.draw(
      own.length > 0 ? DRAWN_FURTHER : DRAWN,
      judgement.seed,
      nowMs,
    );
    const ordered = orderSpots(onceEach([...own, ...drawn, ...this.#near(instance)]), judgement);
    const group = this.#groupSpot(instance, nowMs);
    const isAlone = group === undefined || (this.#isOut(group.spot, nowMs) && isAnyIn(ordered));
    const placed =
      isAlone || group === undefined
        ? { instance, beside, ...alone(beside, ordered, nowMs) }
        : { instance, beside, ...together(instance, group, ordered) };
    const [first] = placed.spots;
    if (first !== undefined) this.#note(instance, first, sizeOf(beside));
    return placed;
  }

  /** What is written to each other need not leave a server where others of them are. */
  #near(instance: Instance): Spot[] {
    return isConnected(instance) ? [...this.#connected.values()] : [];
  }

  /** All instances, in the order of results: for showing a plan. */
  placeAll(): readonly Placed[] {
    return this.#placeInTurn(this.instances);
  }

  /**
   * Places instances that are connected with each other, in their order. Asked again, it forgets
   * where they were.
   */
  placeSet(instances: readonly Instance[]): readonly Placed[] {
    this.#connected.clear();
    for (const { id, node } of instances) {
      this.#planned.end(id);
      this.#copies.delete(node.id);
    }
    return this.#placeInTurn(instances);
  }

  /** Connected ones that run beside something first: others of them go where those are. */
  #placeInTurn(instances: readonly Instance[]): readonly Placed[] {
    const isLater = (one: Instance): boolean => {
      return isConnected(one) && this.#wish(one).beside.kind === "anywhere";
    };
    const turns = [...instances.filter((one) => !isLater(one)), ...instances.filter(isLater)];
    const placed = new Map(turns.map((instance) => [instance, this.place(instance)]));
    return instances.flatMap((instance) => placed.get(instance) ?? []);
  }

  /**
   * An instance has started on one of its hosts, and is counted in the book from now on. Its group
   * follows it where it is the first one, and copies of it go elsewhere.
   */
  started(instance: Instance, host: StorageHost): void {
    this.#planned.end(instance.id);
    this.#noteCopy(instance, hostKey(host));
    const group = this.#groupSpots.get(instance.label ?? "");
    if (group === undefined || group.hasStarted) return;
    const isThere = hostKey(group.spot.host) === hostKey(host);
    const spot = isThere ? group.spot : { host, partition: group.spot.partition, isLocal: false };
    this.#groupSpots.set(instance.label ?? "", { ...group, spot, hasStarted: true });
  }

  /** An instance that was placed will not start. */
  givenUp(instance: Instance): void {
    this.#planned.end(instance.id);
  }

  #wish({ node }: Instance): { readonly beside: Beside; readonly located: Located | undefined } {
    const beside = besideOf(node, this.#cluster);
    const located = beside.kind === "object" ? this.#cluster.located(beside.item) : undefined;
    return { beside, located };
  }

  #judgement({ id, node, copy }: Instance, nowMs: number): Judgement {
    const copies = this.#copies.get(node.id);
    return {
      seed: mixed(this.#seed, id),
      outUntilMs: ({ host }) => this.#book.outUntilMs(host, nowMs),
      loadAt: (key) => this.#planned.over(key, this.#book.loadAt(key)),
      isNear: (key, { sessions }) => {
        return isConnected({ node }) && this.#connected.has(key) && sessions < NEAR_SESSIONS;
      },
      isTaken: (key) => copies !== undefined && isOfAnother(copies, copy, key),
    };
  }

  #note(instance: Instance, spot: Spot, sizeBytes: number): void {
    const key = hostKey(spot.host);
    this.#planned.begin(instance.id, key, sizeBytes);
    this.#noteCopy(instance, key);
    if (isConnected(instance)) this.#connected.set(key, { ...spot, isLocal: false });
  }

  #noteCopy({ node, copy }: Instance, key: string): void {
    if (node.instances.length === 1) return;
    const copies = this.#copies.get(node.id) ?? new Map<number, string>();
    this.#copies.set(node.id, copies.set(copy, key));
  }

  #isOut({ host }: Spot, nowMs: number): boolean {
    return this.#book.outUntilMs(host, nowMs) > 0;
  }

  /** The place of the group of an instance; a new one where that is out, and another is not. */
  #groupSpot(instance: Instance, nowMs: number): GroupSpot | undefined {
    const members = this.#groups.membersOf(instance);
    const { label } = instance;
    if (label === undefined || members.length === 0) return undefined;
    const known = this.#groupSpots.get(label);
    if (known !== undefined && !this.#isOut(known.spot, nowMs)) return known;
    // Looking at all members again is for when a host went out or came back.
    const { revision } = this.#book;
    if (known?.revision === revision && nowMs < known.untilMs) return known;
    const chosen = this.#chooseForGroup(members, nowMs);
    const times = { revision, untilMs: this.#book.nextReturnMs(nowMs) };
    if (chosen === undefined) return known;
    const group = { ...chosen, ...times, hasStarted: false };
    this.#groupSpots.set(label, group);
    return group;
  }

  /** A host that is in, without other copies, where most of what the members read lies. */
  #chooseForGroup(
    members: readonly Instance[],
    nowMs: number,
  ): Pick<GroupSpot, "spot" | "bytes"> | undefined {
    const [first] = members;
    if (first === undefined) return undefined;
    const wishes = members.map((member) => this.#wish(member));
    const bytes = bytesByHost(wishes);
    const spots = new Map<string, Spot>();
    for (const { located } of wishes) {
      for (const spot of located === undefined ? [] : spotsOf(located, true)) {
        if (!spot.host.isHandoff) spots.set(hostKey(spot.host), spot);
      }
    }
    const judgement = this.#judgement(first, nowMs);
    const drawn = this.#anywhere.draw(DRAWN, judgement.seed, nowMs);
    const ordered = orderSpots([...spots.values(), ...drawn], judgement);
    const hostsIn = ordered.filter(({ outUntilMs }) => outUntilMs === 0);
    const free = hostsIn.filter(({ isTaken }) => !isTaken);
    const [choice = []] = [free, hostsIn, ordered].filter(({ length }) => length > 0);
    const [best] = choice.sort(
      (one, other) => (bytes.get(other.key) ?? 0) - (bytes.get(one.key) ?? 0),
    );
    return best && { spot: best.spot, bytes: bytes.get(best.key) ?? 0 };
  }
}

function isConnected({ node }: Pick<Instance, "node">): boolean {
  return node.pool === "cluster";
}

/** The first of each server. */
function onceEach(spots: readonly Spot[]): Spot[] {
  const own = spots.filter(({ isLocal }) => isLocal);
  const keys = new Set(own.map(({ host }) => hostKey(host)));
  const others = spots.filter(({ isLocal, host }) => {
    const key = hostKey(host);
    if (isLocal || keys.has(key)) return false;
    keys.add(key);
    return true;
  });
  return [...own, ...others];
}

interface GroupSpot {
  readonly spot: Spot;
  /** What its members read there. */
  readonly bytes: number;
  /** Whether one of them runs there: then it moves no more, but for a failure. */
  readonly hasStarted: boolean;
  /** State of the book by which it was chosen, and until when that holds. */
  readonly revision: number;
  readonly untilMs: number;
}

function isOfAnother(copies: ReadonlyMap<number, string>, copy: number, key: string): boolean {
  for (const [other, taken] of copies) if (other !== copy && taken === key) return true;
  return false;
}

function isAnyIn([first]: readonly JudgedSpot[]): boolean {
  return first !== undefined && first.outUntilMs === 0;
}

function sizeOf(beside: Beside): number {
  return beside.kind === "object" ? beside.sizeBytes : 0;
}

type Choice = Pick<Placed, "spots" | "why">;

function alone(beside: Beside, ordered: readonly JudgedSpot[], nowMs: number): Choice {
  const primaries = ordered.filter(({ distance }) => distance === 0);
  primaries.sort((one, other) => one.at - other.at);
  return {
    spots: ordered.map(({ spot }) => spot),
    why: whyHere(beside, ordered, primaries, nowMs),
  };
}

/** The place of the group first; where the object of the instance is there as well, beside it. */
function together(
  { node }: Instance,
  { spot, bytes }: GroupSpot,
  ordered: readonly JudgedSpot[],
): Choice {
  const key = hostKey(spot.host);
  const own = ordered.find((one) => one.key === key && one.distance === 0)?.spot;
  const others = ordered.filter((one) => one.key !== key).map((one) => one.spot);
  return {
    spots: [own ?? { ...spot, isLocal: false }, ...others],
    why: whyWithGroup(node.location ?? "", key, bytes),
  };
}
