import { printable } from "../../base/index.ts";
import type { Plan, PlannedChannel, PlannedNode } from "../plan/index.ts";
import { itemName } from "./names.ts";

/**
 * A plan as the text of a Mermaid flowchart: nodes with their programs, the objects that they read
 * and write, and their connections. An object beside which a node runs has a thick arrow. The same
 * plan is the same text.
 */
export function mermaidOf(plan: Plan): string {
  const ends = new Ends();
  const nodes = plan.nodes.map((node) => `n${node.id}[${nodeLabel(node)}]`);
  const arrows = plan.nodes.flatMap((node) =>
    node.channels.map((channel) => channelArrow(node, channel, ends)),
  );
  const connections = plan.connections.map(({ from, to, output, input }) => {
    return `n${from} -->|${quoted(`${output} to ${input}`)}| n${to}`;
  });
  const lines = [...nodes, ...ends.lines, ...arrows, ...connections];
  return ["flowchart LR", ...lines.map((line) => `  ${line}`), ""].join("\n");
}

/** What stands at the other end of channels: each thing once, in the order of the channels. */
class Ends {
  readonly lines: string[] = [];
  readonly #names = new Map<string, string>();

  /** @param shape the brackets that Mermaid draws it with. */
  name(label: string, shape: readonly [string, string]): string {
    const key = shape[0] + label;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `e${this.#names.size + 1}`;
    this.#names.set(key, name);
    this.lines.push(`${name}${shape[0]}${quoted(label)}${shape[1]}`);
    return name;
  }
}

const OBJECT = ["[(", ")]"] as const;
const PERSON = ["([", "])"] as const;
const IMAGE = ["[[", "]]"] as const;

function channelArrow(node: PlannedNode, channel: PlannedChannel, ends: Ends): string {
  const own = `n${node.id}`;
  const label = quoted(channel.device);
  const arrow = node.attachment?.device === channel.device ? "==>" : "-->";
  switch (channel.kind) {
    case "input":
      return `${ends.name(itemName(channel.item), OBJECT)} ${arrow}|${label}| ${own}`;
    case "stored":
      return `${own} ${arrow}|${label}| ${ends.name(itemName(channel.item), OBJECT)}`;
    case "body":
      return `${ends.name("request", PERSON)} -->|${label}| ${own}`;
    case "response":
      return `${own} -->|${label}| ${ends.name("answer", PERSON)}`;
    case "socket": {
      const { protocol, host, port } = channel;
      return `${own} <-->|${label}| ${ends.name(`${protocol}://${host}:${port}`, PERSON)}`;
    }
    default:
      return `${ends.name(channel.device, IMAGE)} -->|${label}| ${own}`;
  }
}

function nodeLabel({ id, name, instances, program }: PlannedNode): string {
  const copies = instances.length === 1 ? "" : `, ${instances.length} copies`;
  const what = program.kind === "object" ? itemName(program.item) : program.url;
  return `"${escaped(`${id} ${name}${copies}`)}<br/>${escaped(what)}"`;
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** Names are anybody's: all but letters, digits and plain signs is a number to Mermaid. */
function escaped(text: string): string {
  return printable(text).replace(/[^\p{L}\p{N} ,._/:-]/gu, (sign) => `#${sign.codePointAt(0)};`);
}
