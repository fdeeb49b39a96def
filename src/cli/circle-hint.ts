import { printable } from "../base/index.ts";
import type { FolderRun } from "../zerocloud/index.ts";

type Connected = Pick<NonNullable<FolderRun["plan"]>, "nodes" | "connections">;

/** A node whose time was over while it waited for the channel of an alias. */
export interface Waiting {
  readonly name: string;
  readonly alias: string;
}

/**
 * What a node may not have known that waited in vain to read from another one, which hears of it in
 * turn: between nodes in a circle no end comes while they wait for it.
 */
export function circleHint(
  { nodes, connections }: Connected,
  { name, alias }: Waiting,
): string | undefined {
  const id = nodes.find((node) => node.name === name)?.id;
  const read = connections.find(({ to, input }) => to === id && `/dev/${input}` === alias);
  const writer = nodes.find((node) => node.id === read?.from);
  if (id === undefined || writer === undefined) return undefined;
  const heard = new Set([id]);
  for (const one of heard) {
    for (const { from, to } of connections) if (from === one) heard.add(to);
  }
  if (!heard.has(writer.id)) return undefined;
  return (
    `${printable(name)} waited for ${printable(writer.name)}, to which its own output leads: ` +
    "in a circle nodes read as many bytes as they know to be there, and not to an end"
  );
}
