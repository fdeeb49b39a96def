import { nearestName } from "../../base/index.ts";
import { shownWord } from "../job/index.ts";
import type { NodeSeed, WideGroup } from "./width.ts";

/**
 * What may have been meant by a name that no group and no node of a job has: a node beyond those of
 * its group, or a name that is spelt much like it; else the groups that there are.
 */
export function targetHint(target: string, groups: readonly WideGroup[]): string | undefined {
  const numbered = /^(.*)-\d+$/s.exec(target)?.[1];
  const counted = groups.find(({ group }) => group.name === numbered);
  if (counted !== undefined) return nodesOf(counted.group.name, counted.nodes);
  const names = groups.slice(0, NAMES_MAX).map(({ group }) => group.name);
  const meant = nearestName(target, names);
  if (meant !== undefined) return `Did you mean ${shownWord(meant)}?`;
  const [first] = names;
  if (first === undefined) return undefined;
  const more = groups.length > NAMES_SHOWN ? ", …" : "";
  const shown = names.slice(0, NAMES_SHOWN).map(shownWord).join(", ");
  return names.length === 1 ? `there is only ${shown}` : `there are ${shown}${more}`;
}

/** So many names are compared. */
const NAMES_MAX = 100;
const NAMES_SHOWN = 10;

function nodesOf(name: string, nodes: readonly NodeSeed[]): string {
  const [first] = nodes;
  const last = nodes.at(-1);
  if (first === undefined || last === undefined || first === last) {
    return `${shownWord(name)} has one node, which is called ${shownWord(first?.name ?? name)}`;
  }
  const range = `${shownWord(first.name)} to ${shownWord(last.name)}`;
  return `${shownWord(name)} has ${nodes.length} nodes, ${range}`;
}
