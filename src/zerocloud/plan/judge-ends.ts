import type { JobPlace } from "../job/index.ts";
import type { Connection, Plan, PlannedNode } from "./plan.ts";
import type { PlanReport } from "./report.ts";
import type { WideGroup } from "./width.ts";

/** No two channels of a node have one name, be they devices or ends of connections. */
export function judgeEnds(
  owners: ReadonlyMap<string, WideGroup>,
  plan: Plan,
  report: PlanReport,
): void {
  const nodes = new Map(plan.nodes.map((node) => [node.id, node]));
  /** Of each node the channels that it has, and who writes to those that are read. */
  const taken = new Map(plan.nodes.map(({ id, channels }) => [id, ownEnds(channels)]));
  for (const connection of plan.connections) {
    const { from, to, output, input } = connection;
    const [writer, reader] = [nodes.get(from), nodes.get(to)];
    const wide = owners.get(writer?.group ?? "");
    if (writer === undefined || reader === undefined || wide === undefined) continue;
    const place = placeOf(output, wide);
    const meets = take(taken.get(from), output, { connection });
    if (meets?.connection?.from === from) tellSeveral(connection, wide, place, owners, report);
    else if (meets !== undefined) {
      report.add("device-twice", place, { device: output, node: writer.name });
    }
    const other = take(taken.get(to), input, { connection });
    if (other === undefined) continue;
    const one = writerOf(other, to, nodes);
    const words = { device: input, node: reader.name, one, other: writer.name };
    if (one === undefined) report.add("device-twice", place, { device: input, node: reader.name });
    else report.add("zvm-writers", place, { ...words, one });
  }
}

/** What has a name: a device of the node itself, or an end of a connection. */
interface TakenEnd {
  readonly connection?: Connection;
}

function ownEnds(channels: PlannedNode["channels"]): Map<string, TakenEnd> {
  return new Map(channels.map(({ device }) => [device, {}]));
}

function take(
  ends: Map<string, TakenEnd> | undefined,
  name: string,
  end: TakenEnd,
): TakenEnd | undefined {
  const known = ends?.get(name);
  ends?.set(name, known ?? end);
  return known;
}

function writerOf(
  { connection }: TakenEnd,
  reader: number,
  nodes: ReadonlyMap<number, PlannedNode>,
): string | undefined {
  return connection?.to === reader ? nodes.get(connection.from)?.name : undefined;
}

function tellSeveral(
  { output }: Connection,
  { group }: WideGroup,
  place: JobPlace,
  owners: ReadonlyMap<string, WideGroup>,
  report: PlanReport,
): void {
  const url = group.devices.find(({ name }) => name === output)?.url;
  const { target, device } = url?.scheme === "zvm" ? url : { target: "", device: "" };
  const { nodes = [] } = owners.get(target) ?? {};
  const first = nodes[0]?.name ?? target;
  const words = { device: output, node: group.name, target, count: nodes.length };
  const one = `name one of them, such as zvm://${first}:${device}`;
  const hint = `${one}, or write "connect": ["${target}"]: each is /dev/out/NODE then`;
  report.add("zvm-several", place, words, { hint });
}

/** Where a device is declared; the group, where the channel has no device of its own. */
export function placeOf(name: string, { group }: WideGroup): JobPlace {
  return group.devices.find((device) => device.name === name)?.pathPlace ?? group.place;
}
