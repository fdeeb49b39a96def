/**
 * What it takes to judge and translate a Native Client program. It is loaded only where there is
 * one: see `loadNexeTools`.
 */
import { type Nexe, type NexePolicy, NexeRefused, readNexe, textOf } from "../../nacl/elf/index.ts";
import { NexeUntranslated, translate } from "../../nacl/translator/index.ts";
import { type Finding as CodeFinding, validate } from "../../nacl/validator/index.ts";
import type { Finding } from "../manifest/index.ts";
import { PROGRAM_STATE, refusal } from "./program-finding.ts";

export { openFurther } from "../further/index.ts";

/** Raised whenever other programs are accepted, or are translated to other bytes. */
export const NEXE_VERSION = 5;

/** Findings about code that are listed one by one; the rest is counted. */
const LISTED_MAX = 50;

/** A program that may run, or all that stands against it. */
export type NexeJudgement =
  | { readonly kind: "accepted"; readonly nexe: Nexe }
  | { readonly kind: "refused"; readonly findings: readonly Finding[] };

/** The structure of a program file alone: what was judged before needs no more. */
export function readStructure(bytes: Uint8Array, name: string, policy: NexePolicy): NexeJudgement {
  try {
    return { kind: "accepted", nexe: readNexe(bytes, policy) };
  } catch (error) {
    if (!(error instanceof NexeRefused)) throw error;
    return { kind: "refused", findings: [structureFinding(error, name)] };
  }
}

/** Structure and code, by the rules of the policy. Never throws for what it judges. */
export function judgeNexe(bytes: Uint8Array, name: string, policy: NexePolicy): NexeJudgement {
  const judged = readStructure(bytes, name, policy);
  if (judged.kind === "refused") return judged;
  const { findings, moreFindings } = validate(textOf(bytes, judged.nexe), { policy });
  if (findings.length === 0) return judged;
  const listed = findings.slice(0, LISTED_MAX).map((it) => codeFinding(it, name));
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

function structureFinding(error: NexeRefused, name: string): Finding {
  const { fault, classicCode, classicState } = error;
  const found = refusal({
    message: `${name} is no program that can run: ${error.diagnostics[0]?.message ?? error.message}`,
    state: classicState,
    offset: fault.offset,
    expected: fault.expected,
    hint: fault.hint,
  });
  return { ...found, code: classicCode };
}

function codeFinding({ offset, reason }: CodeFinding, name: string): Finding {
  return refusal({
    message: `${name}: code at 0x${offset.toString(16)} of its text: ${reason}`,
    state: PROGRAM_STATE.REFUSED,
    hint: "Build it with a Native Client toolchain: zerovm cc",
  });
}
