/** The network channels of a session: connected before its cell gets its order. */
import type { ByteString } from "../../base/index.ts";
import {
  EXIT,
  type Finding,
  type Manifest,
  makeFinding,
  type Source,
  shown,
  stated,
} from "../manifest/index.ts";
import type { AskNameServer, NetworkFailure } from "../network/index.ts";
import type { RefusalFinding, Report } from "../report/index.ts";
import { withErrorCodes } from "./judge-session.ts";
import { readKey } from "./key-file.ts";
import {
  interruptedOutcome,
  type ReportBase,
  refusedReport,
  unstartedReport,
} from "./make-report.ts";
import type { SessionRequest, WireEnd } from "./request.ts";
import { armTimer } from "./timer.ts";

/** The ends by their sources, or how the session ended before they were there. */
export type Joined =
  | { readonly wires: ReadonlyMap<Source, WireEnd> }
  | { readonly ended: (base: ReportBase) => Report };

/** The channels that are connected to other sessions. */
export function networkChannels(
  manifest: Manifest,
  substitutes: ReadonlyMap<ByteString, unknown>,
): Manifest["channels"] {
  return manifest.channels.filter(
    ({ alias, sources }) => !substitutes.has(alias) && sources.some(isNetwork),
  );
}

/** A guest that waits at its point keeps its channels, and a wire to others can be used once. */
export function judgeNetworkUse(
  { manifest, substitutes = new Map(), pool, freezing }: SessionRequest,
  isPreparation: boolean,
): RefusalFinding[] {
  const isOnce = !isPreparation && pool?.isPrepared !== true && freezing === undefined;
  if (isOnce) return [];
  const findings = networkChannels(manifest, substitutes).map(({ alias, line, columns }) =>
    makeFinding({
      stage: "mount",
      code: EXIT.FAULT,
      state: `cannot get socket for ${stated(alias)}`,
      message: `Channel ${shown(alias)} is a network channel, and its guest is to be prepared`,
      expected: "network channels in sessions that run once, from their start",
      line,
      column: columns?.[0],
    }),
  );
  return withErrorCodes(findings, "ZVM_CHANNEL_NETWORK");
}

function isNetwork({ kind }: Source): boolean {
  return kind === "network";
}

/** Waits until all network channels are connected, at most as long as the session may last. */
export async function joinNetwork({
  manifest,
  substitutes = new Map(),
  signal,
}: SessionRequest): Promise<Joined> {
  const channels = networkChannels(manifest, substitutes);
  if (channels.length === 0) return { wires: new Map() };
  const { key, findings } = readKey(manifest);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return refused(errors);
  const { connectNetwork, NetworkAbort, NetworkFailure } = await import("../network/index.ts");
  const ending = new AbortController();
  const timer = armTimer(manifest.timeoutSeconds * 1000, () => ending.abort());
  const signals = signal === undefined ? [ending.signal] : [ending.signal, signal];
  try {
    const request = { manifest: { ...manifest, channels }, key, askNameServer };
    const ends = await connectNetwork({ ...request, signal: AbortSignal.any(signals) });
    const sources = new Map(channels.map((channel) => [channel.alias, channel.sources]));
    const wires = ends.flatMap(({ alias, index, ...end }): [Source, WireEnd][] => {
      const source = sources.get(alias)?.[index];
      // What is not sealed can be changed on its way over a network.
      return source === undefined ? [] : [[source, { ...end, checked: end.keys === undefined }]];
    });
    return { wires: new Map(wires) };
  } catch (error) {
    if (error instanceof NetworkFailure) return refused([findingOf(error)]);
    if (!(error instanceof NetworkAbort)) throw error;
    const { waits } = error;
    const outcome =
      signal?.aborted === true
        ? interruptedOutcome()
        : ({ kind: "limited", limit: "time", unconnected: true } as const);
    return {
      ended: (base) =>
        unstartedReport(outcome, { ...base, warnings: [...base.warnings, ...waits] }),
    };
  } finally {
    timer.cancel();
  }
}

function refused(findings: readonly Finding[]): Joined {
  return { ended: (base) => refusedReport(withErrorCodes(findings, "ZVM_CHANNEL_NETWORK"), base) };
}

function findingOf({ message, code, state, channel }: NetworkFailure): Finding {
  const { line, columns } = channel ?? {};
  return makeFinding({ stage: "mount", code, state, message, line, column: columns?.[0] });
}

/** Loaded with the first question: most sessions have none. */
const askNameServer: AskNameServer = async (question) => {
  const names = await import("../names/index.ts");
  return await names.askNameServer(question);
};
