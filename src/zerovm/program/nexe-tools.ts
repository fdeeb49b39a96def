/**
 * What it takes to judge and translate a Native Client program. It is loaded only where there is
 * one: see `loadNexeTools`.
 */
import { type Nexe, type NexePolicy, textOf } from "../../nacl/elf/index.ts";
import { NexeUntranslated, translate } from "../../nacl/translator/index.ts";
import { type Finding as CodeFinding, validate } from "../../nacl/validator/index.ts";
import type { Finding } from "../manifest/index.ts";
import { type NexeJudgement, readStructure } from "./nexe-structure.ts";
import { PROGRAM_STATE, refusal } from "./program-finding.ts";
import { NACL_RECIPE, NEXE_RECIPE } from "./recipes.ts";

export { openFurther } from "../further/index.ts";

/** Findings about code that are listed one by one; the rest is counted. */
const LISTED_MAX = 50;

/** Structure and code, by the rules of the policy. Never throws for what it judges. */
export function judgeNexe(bytes: Uint8Array, name: string, policy: NexePolicy): NexeJudgement {
  const judged = readStructure(bytes, name, policy);
  if (judged.kind === "refused") return judged;
  const text = textOf(bytes, judged.nexe);
  const { findings, moreFindings } = validate(text, { policy });
  if (findings.length === 0) return judged;
  const isNacl = policy === "zerovm" && validate(text, { policy: "nacl" }).findings.length === 0;
  const hint = isNacl ? NACL_RECIPE : NEXE_RECIPE;
  const listed = findings.slice(0, LISTED_MAX).map((it) => codeFinding(it, name, hint));
  const unlisted = moreFindings + findings.length - listed.length;
  const rest =
    unlisted === 0 ? [] : [refusal({ message: `${unlisted} more findings in its code` })];
  return { kind: "refused", findings: [...listed, ...rest] };
}

/**
 * The WebAssembly module of a program that was accepted, or why it cannot be translated: it is
 * valid, but has an instruction that is not translated yet.
 */
export function translateNexe(
  bytes: Uint8Array,
  nexe: Nexe,
  name: string,
  strictMemory: boolean,
): Uint8Array | readonly Finding[] {
  try {
    return translate(bytes, nexe, { strictMemory }).module;
  } catch (error) {
    if (!(error instanceof NexeUntranslated)) throw error;
    const hint = "Build it without this instruction";
    return error.diagnostics.map(({ message }) => {
      return refusal({ message: `${name} cannot be translated: ${message}`, hint });
    });
  }
}

function codeFinding({ offset, reason }: CodeFinding, name: string, hint: string): Finding {
  return refusal({
    message: `${name}: code at 0x${offset.toString(16)} of its text: ${reason}`,
    state: PROGRAM_STATE.REFUSED,
    hint,
  });
}
