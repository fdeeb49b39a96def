import type { Readable, Writable } from "node:stream";
import type { Limits } from "../../base/index.ts";
import { countFunctions } from "../../wasm/index.ts";
import { configWith, type ZrtConfig } from "../../zrt/nvram/index.ts";
import type { Order } from "../cell/index.ts";
import { closeProgram, examineAny, type ProgramVerdict } from "../program/index.ts";
import type { RefusalFinding, Report } from "../report/index.ts";
import { converse, type Talk } from "./converse.ts";
import { dropCutExports } from "./cut-exports.ts";
import { canGoOn, forNewCell, guestIdentity, nextOrder } from "./guest-identity.ts";
import { Handovers } from "./handovers.ts";
import { HeldWires } from "./held-wires.ts";
import { HOST_OFFER } from "./host-offer.ts";
import { imageClashes } from "./image-clash.ts";
import { joinNetwork, judgeNetworkUse } from "./join-network.ts";
import { judgeFurther } from "./judge-further.ts";
import { judgeSession, withErrorCodes } from "./judge-session.ts";
import { limitsOf } from "./limits-of.ts";
import { loadedMemory } from "./loaded-memory.ts";
import { bareOrder, type Plan, type Preparation, withImages } from "./make-order.ts";
import { judgedReport, type ReportBase, refusedReport } from "./make-report.ts";
import { giveModule, looksItself, moduleFor, programKeyOf } from "./module.ts";
import { exportsOf, mountsOf, NO_MOUNTS } from "./mounts.ts";
import { layOut, nexeRules, orderNexe } from "./nexe-layout.ts";
import { ChannelOpener, OpenFailure } from "./open-channels.ts";
import { packExports } from "./pack-exports.ts";
import { hearErrors } from "./pipes.ts";
import { readConfig } from "./read-config.ts";
import { Recording } from "./recording.ts";
import { isStream, type SessionRequest } from "./request.ts";
import { converseInside } from "./run-inside.ts";
import { nowMs } from "./timer.ts";
import { usedTier } from "./used-tier.ts";
import { Verification } from "./verify.ts";

/**
 * Runs one session in a process of its own, from the manifest to the report. Everything is judged
 * before anything is created; whatever goes wrong is in the report. All that was opened here is
 * closed when the promise resolves, and the process is gone, or ends by itself in a moment.
 */
export function runSession(request: SessionRequest): Promise<Report> {
  return runOrPrepare(request, undefined);
}

/** As `runSession`; with a preparation, until the guest is at its point. */
export async function runOrPrepare(
  request: SessionRequest,
  preparation: Preparation | undefined,
): Promise<Report> {
  const startMs = nowMs();
  const { manifest } = request;
  const wires = new HeldWires(request);
  const forgetStreams = hearErrors(streamsOf(request));
  let program = request.program;
  try {
    judgeFurther(request);
    const limits = limitsOf(manifest);
    program ??= await examine(request, limits);
    return await judgeAndRun({ request, preparation, limits, startMs, wires }, program);
  } finally {
    forgetStreams();
    wires.close();
    if (request.program === undefined && program?.kind === "accepted")
      closeProgram(program.program);
  }
}

function streamsOf({ substitutes = new Map() }: SessionRequest): (Readable | Writable)[] {
  return [...substitutes.values()].flatMap((it) => (isStream(it) ? [it.stream] : []));
}

function examine(request: SessionRequest, limits: Limits): Promise<ProgramVerdict> {
  const { manifest } = request;
  const { memory: memoryBytes, table: tableElements } = limits;
  const rules = nexeRules(request);
  return examineAny(manifest.program, { memoryBytes, tableElements, ...rules, ...HOST_OFFER });
}

async function judgeAndRun(
  asked: Pick<Plan, "request" | "preparation" | "limits" | "startMs" | "wires">,
  program: ProgramVerdict,
): Promise<Report> {
  const { request, startMs } = asked;
  const { manifest, substitutes = new Map() } = request;
  const earlier = request.findings ?? [];
  const needed = request.needed ?? [];
  const laidOut = layOut(program, manifest, asked.limits);
  const misfit = "findings" in laidOut ? laidOut.findings : [];
  const known = [...earlier, ...misfit];
  const findings = judgeSession({ manifest, substitutes, program, earlier: known, needed });
  const read = hasErrors(findings) ? NOT_READ : configOf(request);
  const config = read.config ?? configWith({});
  const { exports, findings: exportFindings } = exportsOf(config, manifest.channels);
  const clashes = imageClashes(config, manifest.channels);
  const network = judgeNetworkUse(request, asked.preparation !== undefined);
  const all = [...findings, ...network, ...read.findings, ...exportFindings, ...clashes];
  const warnings = [...warningsOf(all), ...read.warnings];
  const loaded = await loadedMemory(manifest, program, laidOut, all);
  if (hasErrors(all) || program.kind === "refused" || "findings" in laidOut) {
    return refusedReport(all, baseOf(request, startMs, warnings), loaded);
  }
  if (request.judgeOnly === true) {
    return judgedReport(baseOf(request, startMs, warnings), loaded);
  }
  const { isolation } = request;
  const limits = limitsOf(manifest, { program: program.program, isolation });
  const module = moduleFor(request, program.program, limits);
  if ("findings" in module) {
    return refusedReport(module.findings, baseOf(request, startMs, warnings));
  }
  // A guest that waits already has the images that it was prepared with.
  const isMounted = request.pool?.isPrepared === true;
  const mounts = isMounted ? NO_MOUNTS : await mountsOf(config, manifest, limits);
  try {
    const images = [...(request.images ?? []), ...mounts.images];
    const plan: Plan = {
      ...asked,
      limits,
      module,
      looksItself: looksItself(request, program.program),
      program: program.program,
      programKey: programKeyOf(request, program.program, limits),
      nexe: orderNexe(program.program, laidOut.guest),
      functionCount: countFunctions(program.program.shape),
      config,
      exports,
      images,
      warnings: [...warnings, ...mounts.warnings],
    };
    return await openAndRun(plan);
  } finally {
    mounts.close();
  }
}

function baseOf(request: SessionRequest, startMs: number, warnings: readonly string[]): ReportBase {
  const { manifest, isolation = "full" } = request;
  const tier = usedTier(request);
  return { manifest, wallMs: nowMs() - startMs, warnings, isolation, tier };
}

const NOT_READ = { config: undefined, findings: [], warnings: [] } as const;

function configOf(request: SessionRequest): ReturnType<typeof readConfig> {
  const { zrt, manifest, substitutes = new Map() } = request;
  if (zrt !== undefined) return { config: zrt, findings: [], warnings: [] };
  return readConfig(manifest.channels, substitutes);
}

function hasErrors(findings: readonly RefusalFinding[]): boolean {
  return findings.some(({ severity }) => severity === "error");
}

function warningsOf(findings: readonly RefusalFinding[]): string[] {
  return findings.filter(({ severity }) => severity === "warning").map(({ message }) => message);
}

/** The first point where anything on the host changes: missing files are created. */
async function openAndRun(plan: Plan): Promise<Report> {
  const { request, preparation, startMs, warnings, wires } = plan;
  const { manifest, substitutes = new Map(), interactive = false, preallocate = true } = request;
  const base = (): ReportBase => baseOf(request, startMs, warnings);
  const joined = await joinNetwork(request);
  if ("ended" in joined) return joined.ended(base());
  const handovers = new Handovers();
  wires.handTo(handovers);
  for (const { fd } of joined.wires.values()) handovers.own(fd);
  const options = { substitutes, interactive, preallocate, wires: joined.wires };
  const opener = new ChannelOpener(handovers, options);
  let ran = false;
  let further: Verification | Recording | undefined;
  try {
    const program = giveModule(plan.module, handovers);
    const channels = opener.open(manifest.channels);
    const bare = bareOrder(plan, program, channels, handovers);
    const continues = canGoOn(plan, bare);
    const order = continues ? nextOrder(bare) : mounted(bare, plan, handovers);
    const { signal, isolation = "full", pool, onSent } = request;
    const cell = preparation?.cell;
    const own = { looksItself: plan.looksItself, continues };
    const talk = { order, handovers, opener, signal, isolation, pool, cell, onSent, ...own };
    further = furtherOf(request, talk);
    const first = further?.talk ?? preparation?.around?.(talk) ?? talk;
    const said = await (isolation === "none" ? converseInside(first) : converse(first));
    ran = said.started;
    if (said.frozen !== undefined) {
      request.freezing?.onFrozen(said.frozen, plan.nexe?.heap.end ?? 0);
    }
    if (said.waits === true) preparation?.onWaiting({ channels, ...guestIdentity(plan, bare) });
    const report = said.report(base());
    const whole = ran ? await finishExports(report, plan.config, opener) : report;
    return (await further?.settle(whole, base)) ?? whole;
  } catch (error) {
    if (!(error instanceof OpenFailure)) throw error;
    return refusedReport(withErrorCodes([error.finding]), base());
  } finally {
    if (!ran) opener.removeCreated();
    handovers.release();
    further?.close();
  }
}

/** A guest that waits in a cell of the pool already has the images that it was prepared with. */
function mounted(order: Order, plan: Plan, handovers: Handovers): Order {
  if (plan.request.pool?.isPrepared === true) return order;
  return withImages(forNewCell(order), plan, handovers);
}

/** What is to be done with a session besides running it. */
function furtherOf(
  { verify, record }: SessionRequest,
  talk: Talk,
): Verification | Recording | undefined {
  if (record !== undefined) return new Recording(talk, record);
  return verify === true ? new Verification(talk) : undefined;
}

async function finishExports(
  report: Report,
  config: ZrtConfig,
  opener: ChannelOpener,
): Promise<Report> {
  const exported = config.mounts.filter(({ access }) => access === "wo");
  const files = opener.exportFiles(new Set(exported.map(({ channel }) => channel)));
  const packed = await packExports(files, report);
  const notes = dropCutExports(files, packed.outcome);
  return notes.length === 0 ? packed : { ...packed, warnings: [...packed.warnings, ...notes] };
}
