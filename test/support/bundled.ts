import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "./command-line.ts";

/**
 * Makes one file that Node 20 can start of a program in TypeScript.
 * @param entry path below the root of the repository
 */
export async function bundleProgram(entry: string): Promise<BundledProgram> {
  const folder = join(ROOT, "node_modules", ".cache", "programs");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${basename(entry, ".ts")}-${process.pid}.mjs`);
  await build({
    entryPoints: [join(ROOT, entry)],
    outfile: path,
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
    packages: "external",
    logLevel: "warning",
  });
  return { path, remove: () => rm(path, { force: true }) };
}

export interface BundledProgram {
  readonly path: string;
  remove(): Promise<void>;
}
