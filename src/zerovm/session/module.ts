import { type Limits, ZvmError } from "../../base/index.ts";
import type { Order } from "../cell/index.ts";
import { type Manifest, makeFinding } from "../manifest/index.ts";
import { type Prepared, type Program, prepareProgram } from "../program/index.ts";
import type { RefusalFinding } from "../report/index.ts";
import type { Handovers } from "./handovers.ts";
import { withErrorCodes } from "./judge-session.ts";
import { limitsOf } from "./limits-of.ts";
import { turnedReadOnly } from "./read-only.ts";
import type { SessionModule } from "./request.ts";
import { scratchFile } from "./scratch-file.ts";

const CODE_NO_EXECUTABLE = 8;

/** What the passes find wrong with the code, the judgement of the structure did not look at. */
export function preparedOrRefused(
  program: Program,
  manifest: Manifest,
  limits: Limits,
): Prepared | { readonly findings: readonly RefusalFinding[] } {
  try {
    return prepareProgram(program, { limits, isMetered: manifest.fuel !== undefined });
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    const found = error.diagnostics[0];
    const finding = makeFinding({
      stage: "module",
      code: CODE_NO_EXECUTABLE,
      state: "validation failed",
      message: `${program.path} is no valid module: ${found?.message ?? error.message}`,
      hint: "Build or download the program again",
    });
    return { findings: withErrorCodes([finding]) };
  }
}

/** The module goes to the cell as the passes made it. */
export function giveModule(
  module: Prepared | SessionModule,
  handovers: Handovers,
): Order["program"] {
  if (!("kind" in module)) return { ...module, fd: handovers.give(module.fd) };
  const { fd, sizeBytes } = inFile(module);
  return { fd: handovers.give(handovers.own(fd)), sizeBytes };
}

function inFile(prepared: Prepared): SessionModule {
  if (prepared.kind === "file") return { fd: prepared.fd, sizeBytes: prepared.sizeBytes };
  return { fd: scratchFile(prepared.bytes), sizeBytes: prepared.bytes.length };
}

/**
 * The module of a program that was accepted, for many sessions under one manifest.
 * @returns undefined where its code is refused, which a session says in its report
 */
export function openModule(program: Program, manifest: Manifest): SessionModule | undefined {
  const prepared = preparedOrRefused(program, manifest, limitsOf(manifest));
  if ("findings" in prepared) return undefined;
  const { fd, sizeBytes } = inFile(prepared);
  return { fd: turnedReadOnly(fd), sizeBytes };
}
