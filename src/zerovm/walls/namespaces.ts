import type { WallName } from "./plan.ts";

/** Where `unshare` of util-linux is; it makes namespaces before the process has threads. */
export const UNSHARE_PATHS: readonly string[] = ["/usr/bin/unshare", "/bin/unshare"];

/** The words for `unshare` that build each wall. */
const WORDS = {
  network: ["--net"],
  ipc: ["--ipc", "--uts"],
  processes: ["--pid", "--fork", "--kill-child"],
} as const satisfies Partial<Record<WallName, readonly string[]>>;

/** The walls that stand from the start of a process in namespaces of its own. */
export const NAMESPACE_WALLS = Object.keys(WORDS) as (keyof typeof WORDS)[];

/**
 * The words before a command that give it namespaces of its own. Who is not root needs a user
 * namespace for that, in which it is. The process between ends with the command, and the other way.
 * @param without walls to leave out
 */
export function namespaceWords(isRoot: boolean, without: readonly WallName[]): string[] {
  const user = isRoot ? [] : ["--user", "--map-root-user"];
  const built = NAMESPACE_WALLS.filter((wall) => !without.includes(wall));
  // The files are hidden from within, where there are mounts of its own.
  return ["unshare", ...user, "--mount", ...built.flatMap((wall) => WORDS[wall]), "--"];
}
