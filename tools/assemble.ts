/**
 * Assembles a Native Client program from AT&T text, for examples and tests:
 * `node tools/run.mjs assemble FILE -o NEXE`. Paths are taken from the folder of the caller.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { assembledNexe } from "../test/support/assembled-nexe.ts";

export function main(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { output: { type: "string", short: "o" } },
  });
  const [file] = positionals;
  const { output } = values;
  if (file === undefined || positionals.length > 1 || output === undefined) {
    throw new Error("Usage: node tools/run.mjs assemble FILE -o NEXE");
  }
  const from = process.env["TOOL_FOLDER"] ?? process.cwd();
  const text = readFileSync(resolve(from, file), "utf8");
  writeFileSync(resolve(from, output), assembledNexe(text));
  return 0;
}
