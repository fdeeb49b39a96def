/** Which hosts of a cluster the nodes of a job run on, and why. Pure. */
export {
  type Beside,
  besideOf,
  type ClusterView,
  type ItemFacts,
  itemsToKnow,
  itemsToLocate,
  type NotInPlace,
} from "./beside.ts";
export { type FailedPart, HostBook, type HostLoad } from "./host-book.ts";
export {
  type PlacementRow,
  placementHere,
  placementReport,
  withNames,
} from "./placement-report.ts";
export { type Placed, Placer } from "./placer.ts";
export type { Spot } from "./spot.ts";
export { deviceKey, hostKey, type Located, type StorageHost } from "./storage-host.ts";
