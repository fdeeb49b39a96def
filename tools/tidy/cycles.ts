import type { Finding } from "./finding.ts";
import type { Repository } from "./repository.ts";
import { type Layers, roomOf } from "./room.ts";
import { importEdges, sourceFiles } from "./source-graph.ts";

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * No file imports itself by a detour, tests and tools included, and no folder of sources. Imports
 * of types count, and so do files that are loaded only when they are needed.
 */
export function checkCycles(repository: Repository, layers: Layers): Finding[] {
  const files = new Map<string, Set<string>>();
  const folders = new Map<string, Set<string>>();
  for (const edge of repository.matching(/\.ts$/).flatMap((file) => importEdges(file))) {
    if (edge.to !== undefined) addEdge(files, edge.from, edge.to);
  }
  for (const edge of sourceFiles(repository).flatMap((file) => importEdges(file))) {
    if (edge.to === undefined) continue;
    const [here, there] = [roomOf(edge.from, layers), roomOf(edge.to, layers)];
    if (here !== there) addEdge(folders, `src/${here}`, `src/${there}`);
  }
  return [...findCycles(files), ...findCycles(folders)].map((cycle) => ({
    path: cycle[0] ?? "",
    message: `imports itself: ${cycle.join(" → ")}`,
  }));
}

function addEdge(graph: Map<string, Set<string>>, from: string, to: string): void {
  const targets = graph.get(from) ?? new Set();
  graph.set(from, targets.add(to));
}

/** One cycle for each way back that a walk in depth meets; its first node comes last again. */
export function findCycles(graph: Graph): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (node: string, trail: string[]): void => {
    const start = trail.indexOf(node);
    if (start !== -1) cycles.push([...trail.slice(start), node]);
    if (start !== -1 || done.has(node)) return;
    for (const next of graph.get(node) ?? []) walk(next, [...trail, node]);
    done.add(node);
  };
  for (const node of [...graph.keys()].sort()) walk(node, []);
  return cycles;
}
