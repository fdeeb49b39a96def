import { type Plan, pathOfItem, type StoredItem } from "./plan.ts";

/** What a job does with the store: to be allowed before anything runs. */
export interface Access {
  readonly kind: "read" | "write";
  readonly item: StoredItem;
}

/** Each object and container that a job reads or writes, once, in the order of the nodes. */
export function accessesOf(plan: Plan): readonly Access[] {
  const accesses = new Map<string, Access>();
  const add = (kind: Access["kind"], item: StoredItem): void => {
    const key = `${kind} ${pathOfItem(item)}`;
    if (!accesses.has(key)) accesses.set(key, { kind, item });
  };
  for (const { program, channels } of plan.nodes) {
    if (program.kind === "object") add("read", program.item);
    for (const channel of channels) {
      if (channel.kind === "input") add("read", channel.item);
      if (channel.kind === "stored") add("write", channel.item);
    }
  }
  return [...accesses.values()];
}
