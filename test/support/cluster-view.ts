import type {
  ClusterView,
  ItemFacts,
  Located,
  StorageHost,
} from "../../src/zerocloud/placement/index.ts";
import { pathOfItem } from "../../src/zerocloud/plan/index.ts";

/** What a test says of an object: numbers of its hosts, and what is known of it. */
export interface StoredForTest extends Partial<ItemFacts> {
  readonly on: readonly number[];
  readonly handoffs?: readonly number[];
}

/** Host number N of a test: 10.0.0.N:6200, with one disk. */
export function hostNumber(number: number, isHandoff = false): StorageHost {
  const zone = number % 3;
  return { ip: `10.0.0.${number}`, port: 6200, device: "d1", region: 1, zone, isHandoff };
}

/** A cluster of a test: objects by their paths, and the hosts for what runs anywhere. */
export function clusterOf(
  objects: Readonly<Record<string, StoredForTest>>,
  anywhere: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9],
): ClusterView {
  return {
    facts: (item) => {
      const known = objects[pathOfItem(item)];
      if (known?.sizeBytes === undefined) return undefined;
      const { sizeBytes, notInPlace } = known;
      return { sizeBytes, ...(notInPlace === undefined ? {} : { notInPlace }) };
    },
    located: (item) => {
      const known = objects[pathOfItem(item)];
      if (known === undefined) return undefined;
      const handoffs = known.handoffs ?? [];
      return {
        partition: 7,
        hosts: [
          ...known.on.map((number) => hostNumber(number)),
          ...handoffs.map((number) => hostNumber(number, true)),
        ],
      };
    },
    anywhere: anywhere.map((number): Located => ({ partition: 1, hosts: [hostNumber(number)] })),
  };
}
