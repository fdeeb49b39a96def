import { readFileSync } from "node:fs";
import { type BenchFolder, zerovmWords } from "../bench-folder.ts";
import type { Command } from "../run-process.ts";

/** A group of a job whose program is an object of the container `bin`. */
export interface BenchGroup {
  readonly name: string;
  readonly program: string;
  readonly devices?: readonly Readonly<Record<string, string>>[];
  readonly connect?: readonly string[];
  readonly count?: number;
}

/** Wall time of a node; what is measured here ends long before. */
const TIMEOUT_SECONDS = 600;

/** `zerovm job run` of some groups over `store` in the folder. */
export function jobCommand(
  place: BenchFolder,
  name: string,
  groups: readonly BenchGroup[],
  options: readonly string[] = [],
): Command {
  const job = groups.map(({ program, devices = [{ name: "stderr" }], ...group }) => {
    return { ...group, exec: { path: `swift://~/bin/${program}` }, devices };
  });
  const file = place.write(`${name}.json`, JSON.stringify(job));
  const timeout = ["--timeout", String(TIMEOUT_SECONDS)];
  const store = ["--store", place.path("store")];
  return {
    name: "zerovm",
    words: zerovmWords("job", "run", ...timeout, ...options, ...store, file),
  };
}

/** Puts a program into the container `bin`. @returns the name of its object */
export async function putProgram(place: BenchFolder, name: string, text: string): Promise<string> {
  const file = await place.guest(name, text);
  place.write(`store/bin/${name}.wasm`, readFileSync(file));
  return `${name}.wasm`;
}
