import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

/** What the suite takes of the system, and how it sees whether it is there. */
const NEEDED: Readonly<Record<string, () => boolean>> = {
  gcc: () => runs("gcc"),
  clang: () => runs("clang"),
  "wasi-libc": () => existsSync("/usr/lib/wasm32-wasi"),
  "newlib-source": () => existsSync("/usr/src/newlib") && readdirSync("/usr/src/newlib").length > 0,
};

function runs(name: string): boolean {
  return spawnSync(name, ["--version"]).status === 0;
}

/** What is missing of it, by the names of the packages. */
export function missingTools(): string[] {
  return Object.keys(NEEDED).filter((name) => NEEDED[name]?.() === false);
}

/** Installs what is missing where this user may. @returns what is missing then */
export function installMissing(): string[] {
  const missing = missingTools();
  const mayInstall = process.getuid?.() === 0 && runs("apt-get");
  if (missing.length === 0 || !mayInstall) return missing;
  console.log(`installing ${missing.join(", ")}`);
  spawnSync("tools/install-toolchain.sh", { stdio: ["ignore", "ignore", "inherit"] });
  return missingTools();
}
