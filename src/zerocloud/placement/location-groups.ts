import type { Instance } from "../plan/index.ts";
import type { Beside } from "./beside.ts";
import { hostKey, type Located } from "./storage-host.ts";

/** What a group knows of one of its members. */
export interface Member {
  readonly beside: Beside;
  readonly located: Located | undefined;
}

/**
 * Instances with the same `location` by their label; one alone has no group. Their server is one
 * where most of what they read lies.
 */
export class LocationGroups {
  readonly #members = new Map<string, Instance[]>();

  constructor(instances: readonly Instance[]) {
    for (const instance of instances) {
      if (instance.label === undefined) continue;
      const members = this.#members.get(instance.label);
      if (members === undefined) this.#members.set(instance.label, [instance]);
      else members.push(instance);
    }
    for (const [label, members] of this.#members) {
      if (members.length === 1) this.#members.delete(label);
    }
  }

  membersOf({ label }: Instance): readonly Instance[] {
    return label === undefined ? [] : (this.#members.get(label) ?? []);
  }
}

/** Bytes of the inputs of members by the servers that have them. */
export function bytesByHost(members: readonly Member[]): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const { beside, located } of members) {
    if (beside.kind !== "object") continue;
    const primaries = located?.hosts.filter(({ isHandoff }) => !isHandoff) ?? [];
    for (const key of new Set(primaries.map(hostKey))) {
      bytes.set(key, (bytes.get(key) ?? 0) + beside.sizeBytes);
    }
  }
  return bytes;
}
