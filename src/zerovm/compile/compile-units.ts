import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { GCC_OPTIONS, type LibraryUnit, libraryUnit } from "../../nacl/toolchain/index.ts";
import { GCC, runBeside } from "./run-compiler.ts";

/** A text that becomes a unit of a library. */
export interface UnitSource {
  /** A file of C, or of assembly as gcc writes it. */
  readonly path: string;
  /** What it is called in messages. */
  readonly shown: string;
  /** Further options for gcc. */
  readonly options: readonly string[];
}

/**
 * Compiles the units of a library, as many at a time as there are processors.
 * @returns the units in the order of their sources
 * @throws ZvmError `ZVM_COMPILE` for the first that cannot be compiled
 */
export async function compileUnits(sources: readonly UnitSource[]): Promise<LibraryUnit[]> {
  const units: LibraryUnit[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < sources.length; at = next++) {
      const source = sources[at];
      if (source === undefined) return;
      try {
        units[at] = libraryUnit(await assemblyOf(source));
      } catch (error) {
        // Nobody needs the rest.
        next = sources.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return units;
}

async function assemblyOf({ path, shown, options }: UnitSource): Promise<string> {
  if (path.endsWith(".s")) return readFileSync(path, "utf8");
  return await runBeside(GCC, [...GCC_OPTIONS, ...options, "-o", "-", path], shown);
}
