#!/usr/bin/env node
/** Starts the built command line. */
"use strict";

const { existsSync } = require("node:fs");
const { join } = require("node:path");

const [, , word = ""] = process.argv;
// What runs programs is a smaller bundle of its own: it starts sooner.
const name = word === "run" ? "cli-run" : "cli";
const runs = name === "cli-run" || word === "exec" || /^-M|\.manifest$/.test(word);

function start() {
  if (name === "cli-run") require("../dist/ahead.cjs");
  require("./compiled.js").runCompiled(name, false);
}

if (!existsSync(join(__dirname, "..", "dist", `${name}.cjs`))) {
  console.error(`zerovm: dist/${name}.cjs is missing: run npm ci or npm run build in its folder`);
  process.exitCode = 125;
} else if (runs) require("../dist/client.cjs").handOver(start);
else start();
