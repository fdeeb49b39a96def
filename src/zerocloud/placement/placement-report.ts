import { instancesOf, type Plan } from "../plan/index.ts";
import type { Placed } from "./placer.ts";
import { deviceKey, hostKey, type StorageHost } from "./storage-host.ts";

/** Where an instance is to run, as plans in JSON have it. */
export interface PlacementRow {
  readonly id: number;
  readonly node: string;
  /** 0 for the node itself. */
  readonly copy: number;
  /** Missing where the cluster names no host, and where there is but one machine. */
  readonly host?: string;
  /** In words that go on from "runs". */
  readonly why: string;
  /** Where it is tried next. */
  readonly further: readonly string[];
}

/**
 * The placement of a job for JSON, in the order in which it was placed.
 * @param nameOf what is told of a host and its server; their addresses unless given
 */
export function placementReport(
  placement: readonly Placed[],
  nameOf?: (host: StorageHost) => string,
): PlacementRow[] {
  return placement.map(({ instance, spots, why: found }) => {
    const [host, ...further] = spots.map((spot) => (nameOf ?? deviceKey)(spot.host));
    const why = nameOf === undefined ? found : withNames(found, spots, nameOf);
    const { id, node, copy } = instance;
    const named = host === undefined ? {} : { host };
    return { id, node: node.name, copy, ...named, why, further };
  });
}

/** The same where there is but one machine. */
export function placementHere(plan: Plan): PlacementRow[] {
  return instancesOf(plan).map(({ id, node, copy }) => {
    return { id, node: node.name, copy, why: "here: there is but one machine", further: [] };
  });
}

/** Words that name servers by their addresses name them as others are to know them. */
export function withNames(
  why: string,
  spots: Placed["spots"],
  nameOf: (host: StorageHost) => string,
): string {
  return spots.reduce((text, { host }) => text.replaceAll(hostKey(host), nameOf(host)), why);
}
