#!/usr/bin/env node
/** Starts the built command line. */
import { existsSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const entry = new URL("../dist/cli.js", import.meta.url);
if (existsSync(entry)) {
  // A folder of the user's own: in a shared one, others could plant compiled code.
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  module.enableCompileCache?.(join(cache, "zerovm", "compiled"));
  await import(entry.href);
} else {
  console.error("zerovm: there is no dist/cli.js: run `npm ci` or `npm run build` in its folder");
  process.exitCode = 125;
}
