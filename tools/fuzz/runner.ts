/**
 * Runs the modules of a file in this version of Node, and prints what was seen: a line of JSON for
 * each. The file has a line of base64 for each.
 */
import { readFileSync, writeSync } from "node:fs";
import { observe } from "../../test/fuzz/observe.ts";

const [path = ""] = process.argv.slice(2);
for (const line of readFileSync(path, "utf8").split("\n").filter(Boolean)) {
  writeSync(1, `${JSON.stringify(observed(Buffer.from(line, "base64")))}\n`);
}

function observed(bytes: Uint8Array): unknown {
  try {
    return observe(bytes);
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
