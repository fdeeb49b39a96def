/** The form of a record, as `docs/reference/record.md` has it. */
import { printable, textOf, ZvmError } from "../../base/index.ts";
import type { Outcome, Report } from "../report/index.ts";

export const RECORD_HEADER = "zerovm record 1\n";

/** More than any index that we write, arguments and environment included. */
export const INDEX_BYTES_MAX = 64 * 2 ** 20;

/** Kinds of parts, in the order in which they follow the index. */
export const PART_NAMES = ["program", "nexe", "archive", "members", "intake", "trace"] as const;

/** A piece of a record. */
export interface Part {
  readonly name: (typeof PART_NAMES)[number];
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** What a session has to come to, each time. */
export interface Expected {
  readonly outcome: string;
  /** Units that were used, in decimal; empty where they are not counted. */
  readonly fuel: string;
  readonly traceHash: string;
  readonly channels: readonly {
    readonly alias: string;
    readonly putBytes: number;
    readonly digest: string;
  }[];
  readonly etags: readonly { readonly alias: string; readonly hex: string }[];
}

/** What tells runs of a session apart. */
export function expectedOf(report: Report): Expected {
  return {
    outcome: outcomeText(report.outcome),
    fuel: report.fuel === undefined ? "" : String(report.fuel.used),
    traceHash: report.traceHash ?? "",
    channels: report.channels.map(({ alias, putBytes, digest = "" }) => {
      return { alias, putBytes, digest };
    }),
    etags: report.etags.map(({ alias, hex }) => ({ alias, hex })),
  };
}

/** What tells two runs apart, in words; undefined where nothing does. */
export function differenceOf(first: Expected, second: Expected): string | undefined {
  if (first.outcome !== second.outcome) {
    return `${printable(first.outcome)} against ${printable(second.outcome)}`;
  }
  for (const [index, { alias, digest, putBytes }] of first.channels.entries()) {
    const other = second.channels[index];
    if (other?.digest === digest && other?.putBytes === putBytes) continue;
    return `what passed ${printable(textOf(alias))} is not the same`;
  }
  for (const [index, { alias, hex }] of first.etags.entries()) {
    if (second.etags[index]?.hex === hex) continue;
    return `the digest of ${printable(textOf(alias))} is not the same`;
  }
  if (first.fuel !== second.fuel) return `${first.fuel} units of fuel against ${second.fuel}`;
  return first.traceHash === second.traceHash ? undefined : "the trace hash is not the same";
}

function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case "exited":
      return `exit ${outcome.code}`;
    case "faulted":
      // The address in a nexe is looked up while there is time for it, and is no part of the run.
      if (outcome.functionIndex === undefined) return `fault ${outcome.fault}`;
      return `fault ${outcome.fault} in function ${outcome.functionIndex}`;
    case "limited":
      return `end by the limit ${outcome.limit}`;
    case "lost":
      return `loss (${outcome.message})`;
    default:
      return outcome.kind;
  }
}

export function recordError(path: string, what: string, cause?: unknown): ZvmError {
  return new ZvmError("ZVM_RECORD", `The record ${printable(path)} ${what}`, { cause });
}
