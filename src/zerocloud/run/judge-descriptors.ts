import { readdirSync, readFileSync } from "node:fs";
import type { Instance, PlanEnds } from "../plan/index.ts";
import { descriptorsOf } from "./local-wires.ts";
import { Refusal } from "./refusal.ts";

/** What one session needs of this process beside its wires: sockets to its cell, files. */
const OF_SESSION = 12;
/** What a cell may have open, without what it has besides. */
const ENDS_MAX = 4000;
/** Descriptors of a process where the host does not say how many it may have. */
const LIMIT = 1024;

/**
 * Whether this process may have as many descriptors as it takes to connect these instances.
 * @throws Refusal that says how many are needed
 */
export function judgeDescriptors(
  instances: readonly Instance[],
  ends: PlanEnds,
  free = freeDescriptors(),
): void {
  for (const { node } of instances) {
    const count = ends.of(node.id).reduce((sum, { peers }) => sum + peers.length, 0);
    if (count <= ENDS_MAX) continue;
    const message = `Node ${node.name} has ${count} connections; a session has ${ENDS_MAX} at most`;
    throw new Refusal(400, message);
  }
  const needed = descriptorsOf(instances, ends) + OF_SESSION * instances.length;
  if (needed <= free) return;
  const what = `${needed} descriptors to connect ${instances.length} sessions`;
  throw new Refusal(503, `The job needs ${what}, and the host has ${free} left (ulimit -n)`);
}

/** How many more this process may open. */
function freeDescriptors(): number {
  const text = readFileSync("/proc/self/limits", "utf8");
  const limit = /^Max open files +(\d+|unlimited)/m.exec(text)?.[1];
  if (limit === "unlimited") return Number.MAX_SAFE_INTEGER;
  const most = limit === undefined ? LIMIT : Number(limit);
  return most - readdirSync("/proc/self/fd").length;
}
