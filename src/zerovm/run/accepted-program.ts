import { ZvmError } from "../../base/index.ts";
import type { Manifest } from "../manifest/index.ts";
import { examineAny, type NexeRules, type Program } from "../program/index.ts";
import { HOST_OFFER, limitsOf } from "../session/index.ts";

/**
 * The program of a manifest, judged and open: whoever asks closes it.
 * @throws ZvmError with the code and first finding of a program that is refused
 */
export async function acceptedProgram(
  manifest: Manifest,
  rules: Partial<NexeRules> = {},
): Promise<Program> {
  const { memory: memoryBytes, table: tableElements } = limitsOf(manifest);
  const bounds = { memoryBytes, tableElements, ...rules, ...HOST_OFFER };
  const verdict = await examineAny(manifest.program, bounds);
  if (verdict.kind === "accepted") return verdict.program;
  const message = verdict.findings[0]?.message ?? "The program is refused";
  throw new ZvmError(verdict.code, message);
}
