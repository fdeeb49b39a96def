import type { Plan, PlannedChannel, PlannedNode } from "../plan/index.ts";
import { itemName } from "./names.ts";

/** A plan as boxes and arrows, whoever draws them. */
export interface Diagram {
  /** Nodes first, then what stands at the other end of their channels, each thing once. */
  readonly boxes: readonly Box[];
  /** Channels in the order of the nodes, then connections. */
  readonly arrows: readonly Arrow[];
}

export type BoxKind = "node" | "object" | "outside" | "image";

export interface Box {
  /** `n1` for a node, `e1` for anything else. */
  readonly id: string;
  readonly kind: BoxKind;
  readonly lines: readonly string[];
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** `beside` leads to the object beside which a node runs. */
  readonly kind: "channel" | "beside" | "both-ways" | "connection";
}

/** The boxes and arrows of a plan. The same plan gives the same ones. */
export function diagramOf(plan: Plan): Diagram {
  const ends = new Ends();
  const channels = plan.nodes.flatMap((node) =>
    node.channels.map((channel) => channelArrow(node, channel, ends)),
  );
  const connections = plan.connections.map(({ from, to, output, input }): Arrow => {
    return { from: `n${from}`, to: `n${to}`, label: `${output} to ${input}`, kind: "connection" };
  });
  return {
    boxes: [...plan.nodes.map(nodeBox), ...ends.boxes],
    arrows: [...channels, ...connections],
  };
}

/** What stands at the other end of channels: each thing once, in the order of the channels. */
class Ends {
  readonly boxes: Box[] = [];
  readonly #ids = new Map<string, string>();

  id(kind: BoxKind, label: string): string {
    const key = `${kind} ${label}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = `e${this.#ids.size + 1}`;
    this.#ids.set(key, id);
    this.boxes.push({ id, kind, lines: [label] });
    return id;
  }
}

function channelArrow(node: PlannedNode, channel: PlannedChannel, ends: Ends): Arrow {
  const own = `n${node.id}`;
  const label = channel.device;
  const kind = node.attachment?.device === label ? "beside" : "channel";
  switch (channel.kind) {
    case "input":
      return { from: ends.id("object", itemName(channel.item)), to: own, label, kind };
    case "stored":
      return { from: own, to: ends.id("object", itemName(channel.item)), label, kind };
    case "body":
      return { from: ends.id("outside", "request"), to: own, label, kind: "channel" };
    case "response":
      return { from: own, to: ends.id("outside", "answer"), label, kind: "channel" };
    case "socket": {
      const { protocol, host, port } = channel;
      const address = ends.id("outside", `${protocol}://${host}:${port}`);
      return { from: own, to: address, label, kind: "both-ways" };
    }
    default:
      return { from: ends.id("image", label), to: own, label, kind: "channel" };
  }
}

function nodeBox({ id, name, instances, program }: PlannedNode): Box {
  const copies = instances.length === 1 ? "" : `, ${instances.length} copies`;
  const what = program.kind === "object" ? itemName(program.item) : program.url;
  return { id: `n${id}`, kind: "node", lines: [`${id} ${name}${copies}`, what] };
}
