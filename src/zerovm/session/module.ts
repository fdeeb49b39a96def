import { type Limits, ZvmError } from "../../base/index.ts";
import {
  type CompiledModule,
  canOptimise,
  encodeModuleOrder,
  lookAhead,
  type Order,
} from "../cell/index.ts";
import { type Manifest, makeFinding } from "../manifest/index.ts";
import {
  type Preparation,
  type Prepared,
  type Program,
  preparedName,
  prepareProgram,
} from "../program/index.ts";
import type { RefusalFinding, Tier } from "../report/index.ts";
import type { Isolation } from "../walls/index.ts";
import type { Handovers } from "./handovers.ts";
import { withErrorCodes } from "./judge-session.ts";
import { limitsOf } from "./limits-of.ts";
import { layOut, orderNexe } from "./nexe-layout.ts";
import { readOnlyCopy, turnedReadOnly } from "./read-only.ts";
import type { SessionModule, SessionRequest } from "./request.ts";
import { scratchFile } from "./scratch-file.ts";
import { usedTier } from "./used-tier.ts";

const CODE_NO_EXECUTABLE = 8;

function preparationOf(
  { fuel }: Manifest,
  limits: Limits,
  {
    tier = "auto",
    isolation,
  }: { readonly tier?: Tier | undefined; readonly isolation?: Isolation },
): Preparation {
  const isOutlined = tier === "auto";
  const tiersUp = isOutlined && isolation !== "none" && canOptimise();
  return { limits, isMetered: fuel !== undefined, isOutlined, tiersUp };
}

function preparationFor(request: SessionRequest, limits: Limits): Preparation {
  return preparationOf(request.manifest, limits, { ...request, tier: usedTier(request) });
}

/** Larger ones take so long to start that somebody who watches them costs little beside it. */
const LOOKING_BYTES_MAX = 2 ** 20;

/**
 * Whether the guest of this session asks for its fuel and looks at the clock as it does. To watch
 * it from outside takes two threads, which cost more than all else that a small guest needs. One
 * that can be interrupted, or runs a second time in a cell, is watched.
 */
export function looksItself(request: SessionRequest, { sizeBytes }: Program): boolean {
  const { isolation, signal, verify, record, module } = request;
  const isWatched = signal !== undefined || verify === true || record !== undefined;
  return (
    isolation === "none" && !isWatched && module === undefined && sizeBytes <= LOOKING_BYTES_MAX
  );
}

/** What the passes find wrong with the code, the judgement of the structure did not look at. */
function preparedOrRefused(
  program: Program,
  preparation: Preparation,
): Prepared | { readonly findings: readonly RefusalFinding[] } {
  try {
    return prepareProgram(program, preparation);
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

/** The module that this session runs, or what the passes find wrong with its code. */
export function moduleFor(
  request: SessionRequest,
  program: Program,
  limits: Limits,
): Prepared | SessionModule | { readonly findings: readonly RefusalFinding[] } {
  const known = request.module ?? compiledBefore(request, program, limits);
  if (known !== undefined) return known;
  const preparation = preparationFor(request, limits);
  const asksForFuel = looksItself(request, program);
  return preparedOrRefused(program, { ...preparation, asksForFuel });
}

/**
 * The module of the program as the cell of this session has compiled it before.
 * @returns undefined where it has not
 */
function compiledBefore(
  request: SessionRequest,
  program: Program,
  limits: Limits,
): SessionModule | undefined {
  const { pool, isolation = "full", verify, record } = request;
  // A second cell would have to compile it.
  if (isolation === "none" || verify === true || record !== undefined) return undefined;
  const tier = usedTier(request);
  const optimises = tier === "optimise";
  const isAhead = pool === undefined && isolation === "full" && !optimises;
  const ofPool = pool?.optimises === optimises ? pool.compiled : undefined;
  const compiled = isAhead ? lookAhead().compiled : ofPool;
  if (compiled === undefined) return undefined;
  const { key, fd, sizeBytes } = compiled;
  if (key !== programKeyOf(request, program, limits)) return undefined;
  return { fd, sizeBytes, compiled: true };
}

/** The same text for the same program, as the passes make it for such a session. */
export function programKeyOf(request: SessionRequest, program: Program, limits: Limits): string {
  return preparedName(program, preparationFor(request, limits));
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
export function openModule(
  program: Program,
  manifest: Manifest,
  tier?: Tier,
): SessionModule | undefined {
  const preparation = preparationOf(manifest, limitsOf(manifest, { program }), { tier });
  const prepared = preparedOrRefused(program, preparation);
  if ("findings" in prepared) return undefined;
  const { fd, sizeBytes } = inFile(prepared);
  return { fd: turnedReadOnly(fd), sizeBytes };
}

/** A module for cells that compile it before their orders come. */
export interface ProgramModule {
  readonly module: CompiledModule;
  /** What they are told first. */
  readonly order: string;
}

/** How a program is compiled ahead. */
export interface CompilingOptions {
  readonly tier?: Tier | undefined;
  /** What `openModule` gave for the same program, manifest and tier: it is not made again. */
  readonly module?: SessionModule;
}

/**
 * As `openModule`, for cells that compile it before their orders come.
 * @throws ZvmError ZVM_PROGRAM_REFUSED where its code is refused
 */
export function openForCompiling(
  program: Program,
  manifest: Manifest,
  { tier, module }: CompilingOptions = {},
): ProgramModule {
  const limits = limitsOf(manifest, { program });
  const preparation = preparationOf(manifest, limits, { tier });
  const key = preparedName(program, preparation);
  const { fd, sizeBytes } =
    module === undefined
      ? inFile(prepareProgram(program, preparation))
      : { fd: readOnlyCopy(module.fd), sizeBytes: module.sizeBytes };
  const laidOut = layOut({ kind: "accepted", program }, manifest, limits);
  const nexe = "findings" in laidOut ? undefined : orderNexe(program, laidOut.guest);
  return {
    module: { fd: turnedReadOnly(fd), sizeBytes, key },
    order: encodeModuleOrder(sizeBytes, { limits, ...(nexe && { nexe }) }),
  };
}
