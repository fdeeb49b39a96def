/**
 * Programs with AVX2 and FMA, under the policy of Native Client: translated, they print what the
 * same C, compiled with the same instructions, does on this processor.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NexeLibrary } from "../../src/zerovm/compile/index.ts";
import { findingsOf, translatedDifference } from "./check.ts";
import type { Workshop } from "./compiled.ts";
import { faultsAt, INPUT, SHIM } from "./levels.ts";

export const AVX = join("test", "toolchain", "avx");
export const AVX_LEVELS = ["1", "3"];

/** What the compiler may use; the digits of C are to be those of plain sums and products. */
const OPTIONS = ["-mavx2", "-mfma", "-ffp-contract=off"];

/** Those of some words that are not among the flags which Linux has for this processor. */
export function missingFlags(words: readonly string[]): string[] {
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "latin1"))?.[1] ?? "";
  const known = flags.split(" ");
  return words.filter((word) => !known.includes(word));
}

/** A message for each level at which something is wrong. */
export function tryAvx(workshop: Workshop, library: NexeLibrary, name: string): string[] {
  const source = join(AVX, `${name}.c`);
  const native = workshop.runNative(source, SHIM, INPUT, [], OPTIONS);
  return faultsAt(name, AVX_LEVELS, (level) => {
    const file = workshop.nexe(source, level, library, OPTIONS);
    const [finding] = findingsOf(file, ["nacl"]);
    return finding ?? translatedDifference(file, native, undefined, "nacl");
  });
}
