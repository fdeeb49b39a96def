import type { Device, Group, Job } from "../job/index.ts";
import type { Match, Matches } from "./matches.ts";
import type { PlanReport } from "./report.ts";
import type { PlanSettings } from "./settings.ts";
import { wildcardOf } from "./use.ts";

/** A group with the number and names of its nodes. */
export interface WideGroup {
  readonly group: Group;
  readonly nodes: readonly NodeSeed[];
  /** Whether wildcards say how many nodes there are. */
  readonly isMatched: boolean;
}

/** A node before its channels. */
export interface NodeSeed {
  readonly id: number;
  readonly name: string;
  /** What each wildcard of the group stands for in this node. */
  readonly matched: ReadonlyMap<Device, Match>;
  /** What the stars of its outputs stand for: what those of the first wildcard took. */
  readonly captures: readonly string[];
}

/** The nodes of all groups, in the order of the groups; their ids are 1, 2, 3 … */
export function widenGroups(
  job: Job,
  matches: Matches,
  settings: PlanSettings,
  report: PlanReport,
): readonly WideGroup[] {
  const widths = job.groups.map((group) => widthOf(group, matches, report));
  if (!fits(job, widths, settings, report)) return [];
  let id = 0;
  const wide = job.groups.map((group, index) => {
    const wildcards = wildcardsOf(group, matches);
    const isNumbered = wildcards.length > 0 || group.count > 1;
    const nodes = Array.from({ length: widths[index] ?? 0 }, (_, at) => {
      id += 1;
      const name = isNumbered ? `${group.name}-${at + 1}` : group.name;
      return { id, name, ...seedOf(wildcards, at) };
    });
    return { group, nodes, isMatched: wildcards.length > 0 };
  });
  judgeNodeNames(wide, report);
  return wide;
}

type Wildcard = readonly [Device, readonly Match[]];

function wildcardsOf(group: Group, matches: Matches): Wildcard[] {
  return group.devices.flatMap((device) => {
    const url = wildcardOf(device);
    return url === undefined ? [] : [[device, matches.get(url.text) ?? []] as const];
  });
}

function seedOf(
  wildcards: readonly Wildcard[],
  at: number,
): Pick<NodeSeed, "matched" | "captures"> {
  const matched = new Map<Device, Match>();
  for (const [device, found] of wildcards) {
    const match = found[at];
    if (match !== undefined) matched.set(device, match);
  }
  const [first] = matched.values();
  return { matched, captures: first?.captures ?? [] };
}

/** Nodes of a group: as many as its wildcards match, all of them equally often, else its count. */
function widthOf(group: Group, matches: Matches, report: PlanReport): number {
  const [first, ...others] = wildcardsOf(group, matches);
  if (first === undefined) return group.count;
  const count = first[1].length;
  for (const [device, found] of others) {
    if (found.length === count) continue;
    const words = { node: group.name, count, other: found.length };
    report.add("matches-differ", device.pathPlace, words);
  }
  return count;
}

/** Everything that is made is counted first. */
function fits(
  job: Job,
  widths: readonly number[],
  settings: PlanSettings,
  report: PlanReport,
): boolean {
  const { nodes, channels } = settings.limits;
  let [instanceCount, channelCount] = [0, 0];
  for (const [index, group] of job.groups.entries()) {
    const width = widths[index] ?? 0;
    instanceCount += width * Math.max(1, group.replicate);
    channelCount += width * group.devices.length;
    const words = { count: instanceCount, what: "nodes and copies", limit: nodes };
    if (instanceCount > nodes) report.add("too-many", group.place, words);
    const more = { count: channelCount, what: "channels", limit: channels };
    if (channelCount > channels) report.add("too-many", group.place, more);
    if (instanceCount > nodes || channelCount > channels) return false;
  }
  return true;
}

function judgeNodeNames(groups: readonly WideGroup[], report: PlanReport): void {
  const names = new Set<string>();
  for (const { group, nodes } of groups) {
    for (const { name } of nodes) {
      if (names.has(name)) report.add("node-twice", group.place, { node: name });
      names.add(name);
    }
  }
}
