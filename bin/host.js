/** Starts a process that is loaded and waits for the command of another: `dist/host.cjs`. */
"use strict";

require("./compiled.js").runCompiled("host", process.argv[2] === "--store");
