import { closeSync } from "node:fs";
import type { Manifest } from "../../zerovm/manifest/index.ts";
import {
  closeProgram,
  examineAny,
  type Program,
  type ProgramVerdict,
} from "../../zerovm/program/index.ts";
import {
  HOST_OFFER,
  limitsOf,
  openModule,
  type SessionModule,
} from "../../zerovm/session/index.ts";
import type { ProgramTurn } from "./program-door.ts";

/** A program that was judged; whoever has it closes it. */
export interface MadeProgram {
  readonly verdict: ProgramVerdict;
  /** Of a program that was accepted: what cells compile. */
  readonly module?: SessionModule;
}

/**
 * Judges the program of a manifest and makes of it what cells compile.
 * @param turn of those who want programs, of which a long one may be another than a short one
 */
export type MakeProgram = (manifest: Manifest, turn: ProgramTurn) => Promise<MadeProgram>;

/** As `MakeProgram`, in this thread: a large program keeps it from everything else meanwhile. */
export async function makeProgram(manifest: Manifest): Promise<MadeProgram> {
  const { memory: memoryBytes, table: tableElements } = limitsOf(manifest);
  const limits = { memoryBytes, tableElements, ...HOST_OFFER };
  const verdict = await examineAny(manifest.program, limits);
  if (verdict.kind === "refused") return { verdict };
  const module = moduleOrNothing(verdict.program, manifest);
  return { verdict, ...(module !== undefined && { module }) };
}

function moduleOrNothing(program: Program, manifest: Manifest): SessionModule | undefined {
  try {
    return openModule(program, manifest);
  } catch (error) {
    closeProgram(program);
    throw error;
  }
}

/** Closes all that a program has open. */
export function closeMade({ verdict, module }: MadeProgram): void {
  if (verdict.kind === "accepted") closeProgram(verdict.program);
  if (module !== undefined) closeSync(module.fd);
}
