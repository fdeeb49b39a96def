/** Loaded before a program: writes the most memory that it held, in KiB, as its last line. */
const { writeSync } = require("node:fs");

process.on("exit", () => writeSync(2, `\nresident ${process.resourceUsage().maxRSS}\n`));
