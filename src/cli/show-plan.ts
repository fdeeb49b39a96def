import { printable } from "../base/index.ts";
import { itemName, type Plan, type PlannedChannel, type PlannedNode } from "../zerocloud/index.ts";
import { counted } from "./show-findings.ts";

/** A plan for people: its nodes with a line for each channel, its connections, their counts. */
export function planTable(plan: Plan): string {
  const names = new Map(plan.nodes.map(({ id, name }) => [id, name]));
  const rows = plan.nodes.flatMap(nodeRows);
  const connections = plan.connections.map(({ from, to, output, input }) => {
    return [names.get(from) ?? "", output, "->", names.get(to) ?? "", input];
  });
  const counts = [
    counted(plan.nodes.length, "node"),
    counted(plan.connections.length, "connection"),
  ];
  return [
    ...columns([["ID", "NAME", "PROGRAM", "BESIDE", "CHANNELS"], ...rows]),
    "",
    ...columns(connections),
    ...(connections.length === 0 ? [] : [""]),
    counts.join(", "),
  ].join("\n");
}

/** Channels stand below each other, behind their node. */
function nodeRows(node: PlannedNode): string[][] {
  const { id, name, instances, program, attachment, channels } = node;
  const copies = instances.length === 1 ? "" : ` (${instances.length} copies)`;
  const what = program.kind === "object" ? itemName(program.item) : program.url;
  const beside = attachment === undefined ? "-" : itemName(attachment.item);
  const [first = "", ...others] = channels.map(channelText);
  return [
    [String(id), `${name}${copies}`, what, beside, first],
    ...others.map((channel) => ["", "", "", "", channel]),
  ];
}

function channelText(channel: PlannedChannel): string {
  const { device } = channel;
  switch (channel.kind) {
    case "input":
      return `${device} < ${itemName(channel.item)}`;
    case "stored":
      return `${device} > ${itemName(channel.item)}`;
    case "body":
      return `${device} < the request`;
    case "response":
      return `${device} > the answer`;
    case "socket":
      return `${device} = ${channel.protocol}://${channel.host}:${channel.port}`;
    case "posted-image":
      return `${device} = the posted image`;
    default:
      return `${device} = a system image`;
  }
}

/** Lines with each column as wide as its longest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of shown) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, [...cell].length);
    });
  }
  return shown.map((row) => {
    const cells = row.map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - [...cell].length));
    return cells.join("  ").trimEnd();
  });
}
