import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { packageFile } from "./bench-folder.ts";

interface Steps {
  readonly steps: readonly { readonly command: readonly string[] }[];
}

/** Compiles a program of an example to a file, by the command that the example has for it. */
export function compileExample(example: string, program: string, file: string): void {
  const folder = resolve("examples", example);
  const { steps } = JSON.parse(readFileSync(join(folder, "example.json"), "utf8")) as Steps;
  const source = `assembly/${program}.ts`;
  const step = steps.find(({ command }) => command[0] === "asc" && command[1] === source);
  if (step === undefined) throw new Error(`The example ${example} compiles no ${source}`);
  const words = step.command.slice(1);
  words[words.indexOf("--outFile") + 1] = file;
  mkdirSync(dirname(file), { recursive: true });
  const compiler = packageFile("assemblyscript/bin/asc.js");
  const { status, stderr } = spawnSync(process.execPath, [compiler, ...words], { cwd: folder });
  if (status !== 0) throw new Error(`asc ended with ${status}: ${stderr}`);
}
