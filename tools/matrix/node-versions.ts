import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";

export interface NodeVersion {
  /** As the binary itself says it: `v24.1.0`. */
  readonly version: string;
  readonly binary: string;
}

const CACHE = "node_modules/.cache/node-matrix";

/** The running Node, and one of each major version, fetched through npm where it is missing. */
export function findVersions(majors: readonly number[]): NodeVersion[] {
  const running = { version: process.version, binary: process.execPath };
  return [running, ...majors.map(findVersion)];
}

function findVersion(major: number): NodeVersion {
  const packageName = `node-${process.platform}-${process.arch}`;
  const folder = resolve(CACHE, String(major));
  const binary = resolve(folder, "node_modules", packageName, "bin", "node");
  if (!existsSync(binary)) fetchPackage(folder, `${packageName}@${major}`);
  const asked = spawnSync(binary, ["--version"], { encoding: "utf8" });
  const version = asked.stdout?.trim() ?? "";
  if (!version.startsWith(`v${major}.`)) {
    throw new Error(`Cannot run Node ${major}: ${binary} says "${version}"`, {
      cause: asked.error,
    });
  }
  console.log(`Node ${version}`);
  return { version, binary };
}

function fetchPackage(folder: string, specification: string): void {
  console.log(`fetching ${specification}`);
  mkdirSync(folder, { recursive: true });
  const options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  const args = ["install", "--prefix", folder, ...options, specification];
  const run = spawnSync("npm", args, { stdio: "inherit" });
  if (run.status !== 0) throw new Error(`Cannot fetch ${specification} through npm`);
}
