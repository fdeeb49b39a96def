import {
  type Plan,
  type PlannedChannel,
  type PlannedNode,
  pathOfItem,
} from "../../src/zerocloud/plan/index.ts";

/** A plan in short texts, for tests: one line a node, one a connection. */
export function picture(plan: Plan | undefined): string[] {
  if (plan === undefined) return ["no plan"];
  const nodes = new Map(plan.nodes.map((node) => [node.id, node.name]));
  return [
    ...plan.nodes.map(nodeLine),
    ...plan.connections.map(({ from, to, output, input }) => {
      return `${nodes.get(from)}:${output} -> ${nodes.get(to)}:${input}`;
    }),
  ];
}

/** `2 n-2 @/t/c/o | stdin=/t/c/o stdout=*`: the attached path, then the channels in order. */
function nodeLine(node: PlannedNode): string {
  const at = node.attachment === undefined ? "" : ` @${pathOfItem(node.attachment.item)}`;
  const copies = node.instances.length > 1 ? ` x${node.instances.length}` : "";
  return `${node.id} ${node.name}${copies}${at} | ${node.channels.map(channelWord).join(" ")}`;
}

function channelWord(channel: PlannedChannel): string {
  if (channel.kind === "input") return `${channel.device}<${pathOfItem(channel.item)}`;
  if (channel.kind === "stored") return `${channel.device}>${pathOfItem(channel.item)}`;
  return `${channel.device}=${channel.kind}`;
}
