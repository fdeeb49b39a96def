import type { Placed } from "./placer.ts";
import { deviceKey } from "./storage-host.ts";

/** Where an instance runs, as reports and plans in JSON have it. */
export interface PlacementRow {
  readonly id: number;
  readonly node: string;
  /** 0 for the node itself. */
  readonly copy: number;
  /** `IP:PORT/DEVICE`; missing where the cluster names no host. */
  readonly host?: string;
  /** In words that go on from "runs". */
  readonly why: string;
  /** Where it is tried next. */
  readonly further: readonly string[];
}

/** The placement of a job for JSON, in the order in which it was placed. */
export function placementReport(placement: readonly Placed[]): PlacementRow[] {
  return placement.map(({ instance, spots, why }) => {
    const [host, ...further] = spots.map((spot) => deviceKey(spot.host));
    const { id, node, copy } = instance;
    return { id, node: node.name, copy, ...(host === undefined ? {} : { host }), why, further };
  });
}

/** The same for people: rows of a table, its head first. */
export function placementTable(placement: readonly Placed[]): string[][] {
  const rows = placementReport(placement).map(({ id, node, copy, host = "-", why }) => {
    return [String(id), copy === 0 ? node : `${node} (copy ${copy})`, host, why];
  });
  return [["ID", "NAME", "HOST", "WHY"], ...rows];
}
