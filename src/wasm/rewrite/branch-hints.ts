import { ByteWriter } from "./byte-writer.ts";
import { customSection } from "./section-bytes.ts";

/** Name of the section that tells an engine which branches are rarely taken. */
const SECTION_NAME = "metadata.code.branch_hint";
/** A hint has one byte: this branch is not taken, as far as we know. */
const NOT_TAKEN = [1, 0];

/** Branches of a function that are rarely taken. */
export interface BranchHints {
  readonly functionIndex: number;
  /** Offsets of `if` and `br_if` from the declaration of locals, in their order. */
  readonly offsets: readonly number[];
}

/**
 * The custom section with hints, as pieces. It stands before the code. Engines move what is
 * rarely done out of the way and keep registers free for the rest; nothing else depends on it.
 * @param functions in the order of their indices
 */
export function branchHintSection(functions: readonly BranchHints[]): Uint8Array[] {
  if (functions.length === 0) return [];
  const out = new ByteWriter(256);
  out.unsigned(functions.length);
  for (const { functionIndex, offsets } of functions) {
    out.unsigned(functionIndex);
    out.unsigned(offsets.length);
    for (const offset of offsets) {
      out.unsigned(offset);
      out.all(NOT_TAKEN);
    }
  }
  return customSection(SECTION_NAME, out.written());
}
