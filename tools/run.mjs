/**
 * Runs a tool that is written in TypeScript: `node tools/run.mjs TOOL [ARG…]` calls `main(args)`
 * of `tools/TOOL.ts` in the root of the repository. Node 20 cannot load TypeScript by itself, so
 * the tool is bundled first; that takes some ten milliseconds.
 */
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// Tools that are given paths take them from where they were called.
process.env.TOOL_FOLDER = process.cwd();
process.chdir(root);

/** esbuild, or undefined where the development packages were left out. */
async function loadBundler() {
  try {
    return await import("esbuild");
  } catch (error) {
    if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}

/** @param {typeof import("esbuild")} bundler @param {string} tool */
async function loadTool(bundler, tool) {
  const folder = join(root, "node_modules", ".cache", "tools");
  const outfile = join(folder, `${tool.replaceAll("/", "-")}-${process.pid}.mjs`);
  mkdirSync(folder, { recursive: true });
  try {
    await bundler.build({
      entryPoints: [join(root, "tools", `${tool}.ts`)],
      outfile,
      bundle: true,
      platform: "node",
      target: "node20.19",
      format: "esm",
      packages: "external",
      logLevel: "warning",
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}

async function run() {
  const [tool, ...args] = process.argv.slice(2);
  if (tool === undefined) throw new Error("Usage: node tools/run.mjs TOOL [ARG…]");
  const bundler = await loadBundler();
  if (bundler === undefined) {
    // `npm ci --omit=dev` runs `prepare` as well, and there is nothing to build with.
    const preparing = process.env.npm_lifecycle_event === "prepare";
    console.error("esbuild is not installed, nothing was built: run `npm ci` with all packages");
    return preparing ? 0 : 1;
  }
  const { main } = await loadTool(bundler, tool);
  return await main(args);
}

/** A plain Error is a message for people; anything else is a defect of the tool. */
function describe(error) {
  return error?.constructor === Error ? error.message : error;
}

try {
  process.exitCode = await run();
} catch (error) {
  console.error(describe(error));
  process.exitCode = 1;
}
