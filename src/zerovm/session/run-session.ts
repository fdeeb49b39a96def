import type { Readable, Writable } from "node:stream";
import type { Limits } from "../../base/index.ts";
import { countFunctions } from "../../wasm/index.ts";
import { configWith, type ZrtConfig } from "../../zrt/nvram/index.ts";
import {
  type Cell,
  ORDER_VERSION,
  type Order,
  type OrderChannel,
  type OrderExport,
  type OrderNexe,
} from "../cell/index.ts";
import type { Manifest } from "../manifest/index.ts";
import {
  closeProgram,
  examineAny,
  type Prepared,
  type Program,
  type ProgramVerdict,
} from "../program/index.ts";
import type { RefusalFinding, Report } from "../report/index.ts";
import { converse, type Talk } from "./converse.ts";
import { dropCutExports } from "./cut-exports.ts";
import { Handovers } from "./handovers.ts";
import { HOST_OFFER } from "./host-offer.ts";
import { imageClashes } from "./image-clash.ts";
import { judgeFurther } from "./judge-further.ts";
import { judgeSession, withErrorCodes } from "./judge-session.ts";
import { limitsOf } from "./limits-of.ts";
import { bareReport, type ReportBase, refusedReport, STANDARD_HASH } from "./make-report.ts";
import { giveModule, looksItself, moduleFor } from "./module.ts";
import { exportsOf, mountsOf, NO_MOUNTS } from "./mounts.ts";
import { giveFurther, layOut } from "./nexe-layout.ts";
import { ChannelOpener, OpenFailure } from "./open-channels.ts";
import { packExports } from "./pack-exports.ts";
import { hearErrors } from "./pipes.ts";
import { readConfig } from "./read-config.ts";
import { Recording } from "./recording.ts";
import type { SessionImage, SessionModule, SessionRequest } from "./request.ts";
import { converseInside } from "./run-inside.ts";
import { nowMs } from "./timer.ts";
import { usedTier } from "./used-tier.ts";
import { Verification } from "./verify.ts";

/** How a session is run where a guest is prepared for others. */
export interface Preparation {
  readonly cell: Cell;
  /** The guest waits at its point, with these channels. */
  onWaiting(channels: readonly OrderChannel[]): void;
  /** The talk with the cell in place of this one, for who wants to keep more of it. */
  around?(talk: Talk): Talk;
}

/** What the order needs besides the channels. */
interface Plan {
  readonly request: SessionRequest;
  readonly preparation: Preparation | undefined;
  readonly module: Prepared | SessionModule;
  readonly looksItself: boolean;
  readonly program: Program;
  readonly nexe: OrderNexe | undefined;
  readonly functionCount: number;
  readonly config: ZrtConfig;
  readonly limits: Limits;
  readonly exports: readonly OrderExport[];
  readonly images: readonly SessionImage[];
  readonly warnings: readonly string[];
  readonly startMs: number;
}

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
  judgeFurther(request);
  const { manifest } = request;
  const limits = limitsOf(manifest);
  const forgetStreams = hearErrors(streamsOf(request));
  const program = request.program ?? (await examine(request, limits));
  try {
    return await judgeAndRun({ request, preparation, limits, startMs }, program);
  } finally {
    forgetStreams();
    if (request.program === undefined && program.kind === "accepted") closeProgram(program.program);
  }
}

function streamsOf({ substitutes = new Map() }: SessionRequest): (Readable | Writable)[] {
  return [...substitutes.values()].flatMap((it) => (it.kind === "contents" ? [] : [it.stream]));
}

function examine({ manifest, policy }: SessionRequest, limits: Limits): Promise<ProgramVerdict> {
  const { memory: memoryBytes, table: tableElements } = limits;
  const rules = policy === undefined ? {} : { policy };
  return examineAny(manifest.program, { memoryBytes, tableElements, ...rules, ...HOST_OFFER });
}

async function judgeAndRun(
  asked: Pick<Plan, "request" | "preparation" | "limits" | "startMs">,
  program: ProgramVerdict,
): Promise<Report> {
  const { request, limits, startMs } = asked;
  const { manifest, substitutes = new Map() } = request;
  const earlier = request.findings ?? [];
  const needed = request.needed ?? [];
  const findings = judgeSession({ manifest, substitutes, program, earlier, needed });
  const read = hasErrors(findings) ? NOT_READ : configOf(request);
  const config = read.config ?? configWith({});
  const { exports, findings: exportFindings } = exportsOf(config, manifest.channels);
  const clashes = imageClashes(config, manifest.channels);
  const all = [...findings, ...read.findings, ...exportFindings, ...clashes];
  const warnings = [...warningsOf(all), ...read.warnings];
  if (hasErrors(all) || program.kind === "refused") {
    return refusedReport(all, baseOf(request, startMs, warnings));
  }
  if (request.judgeOnly === true) {
    return bareReport({ kind: "judged" }, baseOf(request, startMs, warnings));
  }
  const laidOut = layOut(program.program, manifest, limits);
  if ("findings" in laidOut) {
    return refusedReport(laidOut.findings, baseOf(request, startMs, warnings));
  }
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
      module,
      looksItself: looksItself(request, program.program),
      program: program.program,
      nexe: laidOut.nexe,
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
  const { request, preparation, startMs, warnings } = plan;
  const { manifest, substitutes = new Map(), interactive = false, preallocate = true } = request;
  const base = (): ReportBase => baseOf(request, startMs, warnings);
  const handovers = new Handovers();
  const opener = new ChannelOpener(handovers, { substitutes, interactive, preallocate });
  let ran = false;
  let further: Verification | Recording | undefined;
  try {
    const program = giveModule(plan.module, handovers);
    const channels = opener.open(manifest.channels);
    const order = orderOf(plan, program, channels, handovers);
    const { signal, isolation = "full", pool } = request;
    const cell = preparation?.cell;
    const own = { looksItself: plan.looksItself };
    const talk = { order, handovers, opener, signal, isolation, pool, cell, ...own };
    further = furtherOf(request, talk);
    const first = further?.talk ?? preparation?.around?.(talk) ?? talk;
    const said = await (isolation === "none" ? converseInside(first) : converse(first));
    ran = said.started;
    if (said.frozen !== undefined) request.freezing?.onFrozen(said.frozen);
    if (said.waits === true) preparation?.onWaiting(order.channels);
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

function orderOf(
  plan: Plan,
  program: Order["program"],
  channels: readonly OrderChannel[],
  handovers: Handovers,
): Order {
  const { request, config, limits } = plan;
  const { manifest, pool } = request;
  const images = pool?.isPrepared === true ? [] : plan.images;
  return {
    version: ORDER_VERSION,
    program,
    functionCount: plan.functionCount,
    limits,
    ...(manifest.fuel === undefined ? {} : { fuel: manifest.fuel }),
    ...(plan.nexe && { nexe: { ...plan.nexe, ...giveFurther(plan.program, handovers) } }),
    ...(plan.preparation === undefined ? {} : { prepares: true }),
    ...(plan.preparation !== undefined && config.precache ? { precache: true } : {}),
    ...freezingOf(plan, handovers),
    tier: usedTier(request),
    hash: manifest.etag ?? STANDARD_HASH,
    memoryEtag: manifest.memory.etag,
    clock: clockOf(manifest, config),
    seed: manifest.seed,
    channels,
    args: config.args,
    env: config.env,
    mapping: config.mapping,
    images: images.map((image) => ({ ...image, fd: handovers.give(image.fd) })),
    exports: plan.exports,
    preopens: request.preopens ?? [],
  };
}

/** What a guest is frozen into, or goes on from. */
function freezingOf(
  { request, program: { frozen } }: Plan,
  handovers: Handovers,
): Pick<Order, "freezes" | "frozen"> {
  const { freezing } = request;
  return {
    ...(freezing !== undefined && {
      freezes: {
        fd: handovers.give(freezing.fd),
        values: freezing.values,
        tables: freezing.tables,
      },
    }),
    ...(frozen !== undefined && {
      frozen: { clockNs: frozen.clockNs, entropyBytes: frozen.entropyBytes },
    }),
  };
}

/** The manifest's clock; where it names none, the start that ZRT's configuration names. */
function clockOf(manifest: Manifest, config: ZrtConfig): Order["clock"] {
  return manifest.clock === 0 ? (config.seconds ?? 0) : manifest.clock;
}
