import { type JobFinding, makeFinding } from "./finding.ts";
import type { Group } from "./job.ts";

/** What parts of one group must have in common. */
const COMMON = ["exec", "count", "replicate", "attach", "location"] as const;

export interface JoinedGroups {
  readonly groups: readonly Group[];
  readonly findings: readonly JobFinding[];
}

/** Groups of one name are one: its devices and connections are those of all parts, in order. */
export function joinGroups(parts: readonly Group[]): JoinedGroups {
  const groups = new Map<string, Group[]>();
  const findings: JobFinding[] = [];
  for (const part of parts) {
    const sameName = groups.get(part.name) ?? [];
    const [first] = sameName;
    sameName.push(part);
    groups.set(part.name, sameName);
    if (first === undefined) continue;
    const differing = COMMON.filter((key) => settled(part, key) !== settled(first, key));
    for (const key of differing) {
      const words = { node: part.name, key };
      findings.push(makeFinding("group-differs", part.place, words, { hint: hintOf(first) }));
    }
  }
  return { groups: [...groups.values()].flatMap(joinParts), findings };
}

/** Of two groups that were not meant to be one, nobody sees the other without its place. */
function hintOf({ place: { path, line, column } }: Group): string {
  const where = `line ${line}, column ${column} (${path})`;
  return `the first group of this name is at ${where}; another name makes this one a group of its own`;
}

function joinParts(parts: readonly Group[]): Group[] {
  const [first] = parts;
  if (first === undefined) return [];
  if (parts.length === 1) return [first];
  return [
    {
      ...first,
      devices: parts.flatMap((part) => part.devices),
      connect: parts.flatMap((part) => part.connect),
    },
  ];
}

/** A setting as a text that is the same where the settings are. */
function settled(group: Group, key: (typeof COMMON)[number]): string {
  if (key !== "exec") return JSON.stringify(group[key] ?? null);
  const { program, name, args, env } = group.exec;
  return JSON.stringify([program, name, args, Object.entries(env).sort()]);
}
