/**
 * Programs with the system calls of Native Client, under its policy: they do in a session what the
 * same C does with those of Linux, in a folder that is empty at first.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NexeLibrary } from "../../src/zerovm/compile/index.ts";
import { difference, findingsOf, runInSession } from "./check.ts";
import type { Workshop } from "./compiled.ts";
import { faultsAt, INPUT, LEVELS, SHIM } from "./levels.ts";

export const NACL = join("test", "toolchain", "nacl");

/** Where the calls are declared for the slots of a nexe. */
const SLOTS = join("test", "toolchain", "slots");
/** Arguments behind the name of the program. */
const WORDS = ["one", "", "three words"];

/** A message for each level at which something is wrong. */
export function tryNaclCalls(workshop: Workshop, library: NexeLibrary, name: string): string[] {
  const source = join(NACL, `${name}.c`);
  const native = workshop.runNative(source, SHIM, INPUT, WORDS);
  return faultsAt(name, LEVELS, (level) => {
    const file = workshop.nexe(source, level, library, ["-I", SLOTS]);
    const place = workshop.path(`${name}.nexe`);
    writeFileSync(place, file);
    const [finding] = findingsOf(file);
    const run = runInSession(["--policy", "nacl", place, ...WORDS], INPUT);
    return finding ?? difference(native, run) ?? (run.stderr || undefined);
  });
}
