#!/usr/bin/env node
/** Starts the built command line. */
"use strict";

const { existsSync } = require("node:fs");
const { join } = require("node:path");

// What runs programs is a smaller bundle of its own: it starts sooner.
const name = process.argv[2] === "run" ? "cli-run" : "cli";
if (existsSync(join(__dirname, "..", "dist", `${name}.cjs`))) {
  if (name === "cli-run") require("../dist/ahead.cjs");
  require("./compiled.js").runCompiled(name, false);
} else {
  console.error(`zerovm: dist/${name}.cjs is missing: run npm ci or npm run build in its folder`);
  process.exitCode = 125;
}
