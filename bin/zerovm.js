#!/usr/bin/env node
/** Starts the built command line. */
"use strict";

const { existsSync } = require("node:fs");
const { homedir } = require("node:os");
const { join } = require("node:path");

const entry = join(__dirname, "../dist/cli.cjs");
if (existsSync(entry)) {
  // A folder of the user's own: in a shared one, others could plant compiled code.
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  require("node:module").enableCompileCache?.(join(cache, "zerovm", "compiled"));
  require(entry);
} else {
  console.error("zerovm: there is no dist/cli.cjs: run `npm ci` or `npm run build` in its folder");
  process.exitCode = 125;
}
