import { type Nexe, type NexePolicy, NexeRefused, readNexe } from "../../nacl/elf/index.ts";
import type { Finding } from "../manifest/index.ts";
import { refusal } from "./program-finding.ts";

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
