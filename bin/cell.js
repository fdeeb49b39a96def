/**
 * Starts the process of one session: `dist/cell.cjs`. With `--store` the engine's code for it is
 * kept for later starts, see `compiled.js`.
 */
"use strict";

require("./compiled.js").runCompiled("cell", process.argv[2] === "--store");
