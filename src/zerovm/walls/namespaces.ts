/** Where `unshare` of util-linux is; it makes namespaces before the process has threads. */
export const UNSHARE_PATHS: readonly string[] = ["/usr/bin/unshare", "/bin/unshare"];

const NAMESPACES = ["--net", "--ipc", "--uts", "--mount", "--pid"];

/**
 * The words before a command that give it namespaces of its own. Who is not root needs a user
 * namespace for that, in which it is. The process between ends with the command, and the other way.
 */
export function namespaceWords(isRoot: boolean): string[] {
  const user = isRoot ? [] : ["--user", "--map-root-user"];
  return ["unshare", ...user, ...NAMESPACES, "--fork", "--kill-child", "--"];
}
