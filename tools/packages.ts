import { spawnSync } from "node:child_process";

/** Packages of Debian by name, each with what says whether it is there. */
export type Needed = Readonly<Record<string, () => boolean>>;

/** Whether a command runs and says that all is well. */
export function runs(name: string, ...args: readonly string[]): boolean {
  return spawnSync(name, args).status === 0;
}

/** Those that are not there. */
export function missingOf(needed: Needed): string[] {
  return Object.keys(needed).filter((name) => needed[name]?.() === false);
}

/** Lets a script install what is missing where this user may. @returns what is missing then */
export function installMissing(needed: Needed, script: string): string[] {
  const missing = missingOf(needed);
  const mayInstall = process.getuid?.() === 0 && runs("apt-get", "--version");
  if (missing.length === 0 || !mayInstall) return missing;
  console.log(`installing ${missing.join(", ")}`);
  spawnSync(script, { stdio: ["ignore", "ignore", "inherit"] });
  return missingOf(needed);
}
