import { join } from "node:path";
import { missingFlags } from "./avx.ts";
import type { Workshop } from "./compiled.ts";
import { differenceOf, isUndefinedIn } from "./instructions/judge.ts";
import { RECORD, SETS } from "./instructions/layout.ts";
import { programOf } from "./instructions/program.ts";
import { recordsOf } from "./instructions/records.ts";
import { LOADER_DEFINES, runOnProcessor, runTranslated } from "./instructions/runs.ts";
import type { Variant } from "./instructions/variant.ts";
import { allVariants } from "./instructions/variants.ts";

const LOADER = join("test", "toolchain", "native", "snippets.c");
/** Variants of one program. */
const BATCH = 256;
/** Variants that are shown, one of each form: they tell enough. */
const SHOWN_MAX = 40;

/** Groups that not every processor with SSE4.2 has, by the flag that Linux has for them. */
const OPTIONAL: Readonly<Record<string, string>> = { sse4a: "sse4a", avx: "avx2", fma: "fma" };

/** How many variants of instructions are the same, are not, and are unknown to the processor. */
export interface Compared {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Runs every instruction that is translated, with random registers and operands, on this processor
 * and translated, and compares the states that they leave; `only` is the number of one variant.
 */
export function compareInstructions(
  workshop: Workshop,
  seed: number,
  only: number | undefined,
): Compared {
  const loader = workshop.compile(LOADER, ["-O1", ...LOADER_DEFINES]);
  const variants = allVariants(seed).filter(({ index }) => only === undefined || index === only);
  console.log(`instructions: seed ${seed}, ${variants.length} variants in ${SETS} states each`);
  const found: Different[] = [];
  for (let at = 0; at < variants.length; at += BATCH) {
    found.push(...compareBatch(workshop, loader, variants.slice(at, at + BATCH), seed));
  }
  const failed = found.filter(({ isUnknown }) => !isUnknown);
  const shown = new Map(failed.map((one) => [one.variant.operations.at(-1)?.form, one]));
  for (const { message } of [...shown.values()].slice(0, SHOWN_MAX)) {
    console.log(`--seed ${seed} ${message}`);
  }
  const skipped = found.length - failed.length;
  if (skipped > 0)
    console.log(`skipped: ${skipped} variants of ${missingGroups()}: not in this processor`);
  return { passed: variants.length - found.length, failed: failed.length, skipped };
}

/** Groups of instructions that this processor does not have. */
function missingGroups(): string[] {
  const missing = missingFlags(Object.values(OPTIONAL));
  return Object.keys(OPTIONAL).filter((group) => missing.includes(OPTIONAL[group] ?? ""));
}

interface Different {
  readonly variant: Variant;
  /** Of the first state that it differs from. */
  readonly message: string;
  /** Whether the processor does not have the instruction. */
  readonly isUnknown: boolean;
}

/** The variants that differ. */
function compareBatch(
  workshop: Workshop,
  loader: string,
  variants: readonly Variant[],
  seed: number,
): Different[] {
  const program = programOf(variants);
  const each = SETS * RECORD.bytes;
  const before = new Uint8Array(variants.length * each);
  for (const [at, variant] of variants.entries()) before.set(recordsOf(variant, seed), at * each);
  const native = runOnProcessor(loader, workshop.path("snippets.nexe"), program, before);
  const translated = runTranslated(program, before);
  const missing = missingGroups();
  return variants.flatMap((variant, at) => {
    const part = (bytes: Uint8Array) => bytes.subarray(at * each, (at + 1) * each);
    const message = differenceOf(variant, part(before), part(native), part(translated));
    if (message === undefined) return [];
    const isOptional = variant.operations.some(({ form }) => missing.includes(form.group));
    return [{ variant, message, isUnknown: isOptional && isUndefinedIn(part(native)) }];
  });
}
