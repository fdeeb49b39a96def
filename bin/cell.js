/**
 * Starts the process of one session: `dist/cell.cjs`. The first word says how it is to be locked.
 * With `--store` as the second, the engine's code for it is kept for later starts: `compiled.js`.
 */
"use strict";

require("./compiled.js").runCompiled("cell", process.argv[3] === "--store");
