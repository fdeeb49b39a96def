import type { JobPlace } from "../job/index.ts";
import { judgeEnds, placeOf } from "./judge-ends.ts";
import { type Plan, type PlannedNode, pathOfItem, type StoredItem } from "./plan.ts";
import type { PlanReport } from "./report.ts";
import type { WideGroup } from "./width.ts";

/** Judges what only shows in the finished nodes: names and objects that meet in one of them. */
export function judgeNodes(groups: readonly WideGroup[], plan: Plan, report: PlanReport): void {
  const owners = new Map(groups.map((wide) => [wide.group.name, wide]));
  const outputs = new Map<string, string>();
  for (const node of plan.nodes) {
    const wide = owners.get(node.group);
    if (wide === undefined) continue;
    judgeContainers(node, wide, report);
    judgeReadAndWrite(node, wide, report);
    judgeCollisions(node, wide, outputs, report);
  }
  judgeEnds(owners, plan, report);
}

/** The listing of a container is only read where it lies. */
function judgeContainers(node: PlannedNode, wide: WideGroup, report: PlanReport): void {
  for (const item of node.transfers) {
    if (item.object !== undefined) continue;
    const place = placeOfItem(node, item, wide);
    report.add("container-remote", place, { container: pathOfItem(item) });
  }
}

function judgeReadAndWrite(node: PlannedNode, wide: WideGroup, report: PlanReport): void {
  const read = new Set<string>();
  for (const channel of node.channels) {
    if (channel.kind === "input") read.add(pathOfItem(channel.item));
  }
  for (const channel of node.channels) {
    if (channel.kind !== "stored" || !read.has(pathOfItem(channel.item))) continue;
    const words = { url: pathOfItem(channel.item), node: node.name };
    report.add("read-and-write", placeOf(channel.device, wide), words);
  }
}

function judgeCollisions(
  node: PlannedNode,
  wide: WideGroup,
  outputs: Map<string, string>,
  report: PlanReport,
): void {
  for (const channel of node.channels) {
    if (channel.kind !== "stored") continue;
    const url = pathOfItem(channel.item);
    const other = outputs.get(url);
    if (other === undefined) outputs.set(url, node.name);
    else {
      const words = { url, node: other, other: node.name };
      report.add("outputs-collide", placeOf(channel.device, wide), words);
    }
  }
}

function placeOfItem(node: PlannedNode, item: StoredItem, wide: WideGroup): JobPlace {
  const path = pathOfItem(item);
  const channel = node.channels.find(
    (one) => one.kind === "input" && pathOfItem(one.item) === path,
  );
  return placeOf(channel?.device ?? "", wide);
}
