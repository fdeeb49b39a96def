import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Report, RunResult } from "../../src/index.ts";
import type { Expected, Kind, Mode } from "./kind.ts";

/** What was seen of the first session of each kind. */
export class Judge {
  readonly #firsts = new Map<Kind, ReadonlyMap<string, unknown>>();

  /** @returns what is wrong with a session, nothing if nothing is. */
  judge(kind: Kind, mode: Mode, result: RunResult): string[] {
    const { expected } = kind;
    const { report } = result;
    return [
      ...outcomeFaults(expected, report),
      ...byteFaults(expected, result),
      ...accountFaults(expected, report),
      ...wallFaults(mode, report),
      ...(expected.isExact ? this.#differences(kind, report) : []),
    ];
  }

  #differences(kind: Kind, report: Report): string[] {
    const seen = partsOf(report);
    const first = this.#firsts.get(kind);
    if (first === undefined) {
      this.#firsts.set(kind, seen);
      const wants = report.outcome.kind !== "refused";
      return wants && report.traceHash === undefined ? ["there is no trace hash"] : [];
    }
    return [...seen].flatMap(([name, value]) => {
      if (isDeepStrictEqual(value, first.get(name))) return [];
      return [`${name} is ${show(value)}, and was ${show(first.get(name))} the first time`];
    });
  }
}

/** All of a report that must be the same in each session of a kind. */
function partsOf(report: Report): ReadonlyMap<string, unknown> {
  const { outcome, classic, channels, etags, hits, fuel, warnings, denied, traceHash } = report;
  const parts = { outcome, classic, channels, etags, hits, fuel, warnings, denied, traceHash };
  const { verified, granted, interactive, memory } = report;
  const { linearBytes } = memory;
  return new Map(Object.entries({ ...parts, verified, granted, interactive, linearBytes }));
}

function outcomeFaults({ outcome, exitStatus }: Expected, report: Report): string[] {
  const seen: Readonly<Record<string, unknown>> = { ...report.outcome };
  const isRight = Object.entries(outcome).every(([key, value]) => seen[key] === value);
  if (!isRight) return [`the outcome is ${show(seen)}, not ${show(outcome)}`];
  if (report.exitStatus === exitStatus) return [];
  return [`the exit status is ${report.exitStatus}, not ${exitStatus}`];
}

function byteFaults(expected: Expected, result: RunResult): string[] {
  return (["stdout", "stderr"] as const).flatMap((name) => {
    const wanted = expected[name];
    if (wanted === undefined) return [];
    if (Buffer.compare(wanted, result[name]) !== 0) {
      return [`${name} has ${result[name].length} bytes, other ones than the guest wrote`];
    }
    const etag = result.report.etags.find(({ alias }) => alias === `/dev/${name}`)?.hex;
    const hex = createHash("sha256").update(wanted).digest("hex");
    return etag === hex || result.report.outcome.kind === "refused"
      ? []
      : [`the etag of ${name} is ${etag}, not ${hex}`];
  });
}

function accountFaults({ account = {}, hits }: Expected, report: Report): string[] {
  const wrong = Object.entries(account).flatMap(([alias, wanted]) => {
    const channel = report.channels.find((it) => it.alias === alias);
    const seen =
      alias === "/dev/stdin"
        ? [channel?.gets, channel?.getBytes]
        : [channel?.puts, channel?.putBytes];
    return isDeepStrictEqual(seen, [...wanted])
      ? []
      : [`${alias} has ${show(seen)} calls and bytes, not ${show(wanted)}`];
  });
  const seen = report.hits.map(({ limit }) => limit);
  const areRight = hits === undefined || isDeepStrictEqual(seen, [...hits]);
  return areRight ? wrong : [...wrong, `${show(seen)} were hit, not ${show(hits)}`];
}

/** A guest that ran in a cell had walls around it. */
function wallFaults(mode: Mode, report: Report): string[] {
  const isInside = mode === "none";
  if (report.isolation !== (isInside ? "none" : "full")) return [`isolation ${report.isolation}`];
  const ran = report.traceHash !== undefined;
  if (!ran || report.walls.includes("seccomp") !== isInside) return [];
  return [`the walls were ${show(report.walls)}`];
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, it) => (typeof it === "bigint" ? `${it}n` : it));
  return (text ?? "undefined").slice(0, 400);
}
