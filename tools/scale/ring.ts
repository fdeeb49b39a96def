import { createHash } from "node:crypto";
import type { Located, StorageHost } from "../../src/zerocloud/placement/index.ts";
import { Random } from "../soak/random.ts";

export const REPLICAS = 3;
export const DEVICES_PER_HOST = 4;
const ZONES_MAX = 10;
/** A device has at least so many replicas of partitions, so that devices are alike. */
const LEAST_PARTITIONS = 60;

interface RingDevice {
  readonly primary: StorageHost;
  readonly handoff: StorageHost;
}

/**
 * A ring as Swift has them, from a seed: partitions dealt to devices, the replicas of one in
 * different zones, each device of a zone as often as any other. Objects get the partition that
 * Swift gives them, by the MD5 of their path.
 */
export class Ring {
  readonly partPower: number;
  readonly hosts: readonly StorageHost[];
  readonly #devices: readonly RingDevice[];
  /** Numbers of devices: those of partition P at P × REPLICAS. */
  readonly #assigned: Uint32Array;

  constructor(hostCount: number, seed: number) {
    if (hostCount < REPLICAS) throw new Error(`--hosts is ${REPLICAS} or more`);
    const zones = Math.min(ZONES_MAX, hostCount);
    this.#devices = devicesOf(hostCount, zones);
    this.hosts = this.#devices
      .filter((_, at) => at % DEVICES_PER_HOST === 0)
      .map(({ primary }) => primary);
    const least = (this.#devices.length * LEAST_PARTITIONS) / REPLICAS;
    this.partPower = Math.ceil(Math.log2(least));
    this.#assigned = deal(this.#devices, zones, 2 ** this.partPower, new Random(seed));
  }

  get deviceCount(): number {
    return this.#devices.length;
  }

  partitionOf(path: string): number {
    const digest = createHash("md5").update(`prefix${path}suffix`).digest();
    return digest.readUInt32BE(0) >>> (32 - this.partPower);
  }

  /** Primaries, then as many handoffs: devices of the next partitions on other hosts. */
  locate(partition: number): Located {
    const hosts: StorageHost[] = [];
    const taken = new Set<string>();
    for (let at = partition * REPLICAS; hosts.length < 2 * REPLICAS; at += 1) {
      const device = this.#devices[this.#assigned[at % this.#assigned.length] ?? 0];
      if (device === undefined) throw new Error("A partition has no device");
      const isPrimary = at < (partition + 1) * REPLICAS;
      if (isPrimary || !taken.has(device.primary.ip)) {
        hosts.push(isPrimary ? device.primary : device.handoff);
      }
      taken.add(device.primary.ip);
      if (taken.size === this.hosts.length) break;
    }
    return { partition, hosts };
  }

  /** So many partitions, evenly over the ring, for what runs anywhere. */
  some(count: number): Located[] {
    const all = 2 ** this.partPower;
    const step = Math.max(1, Math.floor(all / count));
    return Array.from({ length: Math.min(all, count) }, (_, at) => this.locate(at * step));
  }
}

function devicesOf(hostCount: number, zones: number): RingDevice[] {
  return Array.from({ length: hostCount * DEVICES_PER_HOST }, (_, at) => {
    const host = Math.floor(at / DEVICES_PER_HOST);
    const primary: StorageHost = {
      ip: `10.${host >>> 16}.${(host >>> 8) & 255}.${host & 255}`,
      port: 6200,
      device: `d${(at % DEVICES_PER_HOST) + 1}`,
      region: 1,
      zone: (host % zones) + 1,
      isHandoff: false,
    };
    return { primary, handoff: { ...primary, isHandoff: true } };
  });
}

/** Each zone is a deck of devices; a partition takes a card from each of several decks. */
function deal(
  devices: readonly RingDevice[],
  zones: number,
  partitions: number,
  random: Random,
): Uint32Array {
  const numbers = devices.map((_, at) => at);
  const decks = Array.from({ length: zones }, (_, zone) => {
    return new Deck(
      numbers.filter((at) => devices[at]?.primary.zone === zone + 1),
      random,
    );
  });
  const assigned = new Uint32Array(partitions * REPLICAS);
  const zoneDeck = new Deck(
    decks.map((_, zone) => zone),
    random,
  );
  for (let partition = 0; partition < partitions; partition += 1) {
    const drawn = zoneDeck.several(REPLICAS);
    for (const [replica, zone] of drawn.entries()) {
      assigned[partition * REPLICAS + replica] = decks[zone]?.next() ?? 0;
    }
  }
  return assigned;
}

/** Cards that are drawn in a random order, all of them before any comes again. */
class Deck {
  readonly #cards: number[];
  readonly #random: Random;
  #drawn: number;

  constructor(cards: readonly number[], random: Random) {
    this.#cards = [...cards];
    this.#random = random;
    this.#drawn = cards.length;
  }

  next(): number {
    if (this.#drawn === this.#cards.length) this.#drawn = 0;
    const left = this.#cards.length - this.#drawn;
    const at = this.#drawn + this.#random.below(left);
    const card = this.#cards[at] ?? 0;
    this.#cards[at] = this.#cards[this.#drawn] ?? 0;
    this.#cards[this.#drawn] = card;
    this.#drawn += 1;
    return card;
  }

  /** Different cards: those at the end of the deck that are too few are left. */
  several(count: number): number[] {
    if (this.#cards.length - this.#drawn < count) this.#drawn = this.#cards.length;
    return Array.from({ length: count }, () => this.next());
  }
}
