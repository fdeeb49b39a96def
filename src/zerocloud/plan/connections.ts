import type { Device, Group, JobPlace, ZvmUrl } from "../job/index.ts";
import { targetHint } from "./missing-target.ts";
import { fillStars } from "./pattern.ts";
import type { Connection } from "./plan.ts";
import type { PlanReport } from "./report.ts";
import type { PlanSettings } from "./settings.ts";
import { useOf } from "./use.ts";
import type { NodeSeed, WideGroup } from "./width.ts";

/** One entry of `connect`, or one device with a `zvm://` URL: nodes that a group writes to. */
interface Link {
  readonly target: string;
  readonly place: JobPlace;
  readonly peers: readonly NodeSeed[];
  /** Missing for an entry of `connect`. */
  readonly ends?: { readonly device: Device; readonly url: ZvmUrl };
}

/**
 * All connections of a job. Between two nodes there is one in each direction: a device with a
 * `zvm://` URL gives it its names, the last one where there are several.
 */
export function connectGroups(
  groups: readonly WideGroup[],
  settings: PlanSettings,
  report: PlanReport,
): readonly Connection[] {
  const names = namedNodes(groups);
  const linked = groups.map((wide) => ({ wide, links: linksOf(wide, groups, names, report) }));
  if (!fits(linked, settings, report)) return [];
  return linked.flatMap(({ wide, links }) => {
    reportIdle(wide.group, links, report);
    return wide.nodes.flatMap((node) => connectNode(node, links, report));
  });
}

/** Groups and nodes by name; a node of a group that has only one is its group. */
function namedNodes(groups: readonly WideGroup[]): ReadonlyMap<string, readonly NodeSeed[]> {
  const names = new Map<string, readonly NodeSeed[]>();
  for (const { nodes } of groups) {
    for (const node of nodes) names.set(node.name, [node]);
  }
  for (const { group, nodes } of groups) names.set(group.name, nodes);
  return names;
}

/** Of a job that has thousands of slips the first are explained. */
const HINTS_MAX = 20;

function linksOf(
  { group, nodes }: WideGroup,
  groups: readonly WideGroup[],
  names: ReadonlyMap<string, readonly NodeSeed[]>,
  report: PlanReport,
): Link[] {
  const asked = [
    ...group.connect.map(({ name, place }) => ({ target: name, place })),
    ...group.devices.flatMap((device) => {
      const use = useOf(device);
      if (use.kind !== "connection") return [];
      return [{ target: use.url.target, place: device.pathPlace, ends: { device, url: use.url } }];
    }),
  ];
  return asked.flatMap((link) => {
    const { target, place } = link;
    const peers = names.get(target);
    if (peers === undefined) {
      const isTold = report.findings.length < HINTS_MAX;
      const hint = isTold ? targetHint(target, groups) : undefined;
      const advice = hint === undefined ? {} : { hint };
      return report.add("connect-target", place, { target }, advice) ?? [];
    }
    const [only] = nodes;
    if (nodes.length === 1 && peers.length === 1 && peers[0] === only) {
      return report.add("connect-itself", place, { node: only?.name ?? "" }) ?? [];
    }
    return [{ ...link, peers }];
  });
}

function fits(
  linked: readonly { readonly wide: WideGroup; readonly links: readonly Link[] }[],
  settings: PlanSettings,
  report: PlanReport,
): boolean {
  const limit = settings.limits.connections;
  let count = 0;
  for (const { wide, links } of linked) {
    for (const { peers, place } of links) {
      count += wide.nodes.length * peers.length;
      if (count <= limit) continue;
      report.add("too-many", place, { count, what: "connections", limit });
      return false;
    }
  }
  return true;
}

/** A device whose peers all have a later one carries nothing. */
function reportIdle(group: Group, links: readonly Link[], report: PlanReport): void {
  const last = new Map<NodeSeed, Link>();
  for (const link of links) for (const peer of link.peers) last.set(peer, link);
  const used = new Set(last.values());
  for (const link of links) {
    if (link.ends === undefined || used.has(link)) continue;
    const { device, url } = link.ends;
    const [peer] = link.peers;
    const winner = peer === undefined ? undefined : last.get(peer)?.ends?.device.name;
    if (winner === undefined) continue;
    const hint = `${winner} leads to ${url.target} too, and of several devices the last one counts`;
    report.add("device-idle", device.place, { device: device.name, node: group.name }, { hint });
  }
}

function connectNode(node: NodeSeed, links: readonly Link[], report: PlanReport): Connection[] {
  const ends = new Map<number, Connection>();
  for (const link of links) {
    for (const peer of link.peers) {
      // A group that is connected to itself connects each node to every other.
      const made = peer === node ? undefined : connect(node, peer, link, report);
      if (made !== undefined) ends.set(peer.id, made);
    }
  }
  return [...ends.values()].sort((one, other) => one.to - other.to);
}

function connect(
  node: NodeSeed,
  peer: NodeSeed,
  { ends, place }: Link,
  report: PlanReport,
): Connection | undefined {
  const pair = { from: node.id, to: peer.id };
  if (ends === undefined) return { ...pair, output: `out/${peer.name}`, input: `in/${node.name}` };
  const input = fillStars(ends.url.device, peer.captures);
  if (input === undefined) return report.add("zvm-wildcard", place, { node: peer.name });
  return { ...pair, output: ends.device.name, input };
}
