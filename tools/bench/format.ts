import type { Candidate, Measurement } from "./measurement.ts";
import { median, type Verdict } from "./statistics.ts";

/** What the figures were taken on. */
export interface Machine {
  readonly node: string;
  readonly cpus: number;
  /** Mean number of runnable processes in the last minute: above `cpus`, times mean little. */
  readonly load: number;
}

const NAME_WIDTH = 26;
const NUMBER_WIDTH = 10;

/** The results as a table for people, each bar with its verdict below its measurement. */
export function formatTable(machine: Machine, measurements: readonly Measurement[]): string {
  const { node, cpus, load } = machine;
  const head = `Node ${node}, ${cpus} processors, load ${load.toFixed(1)}; medians, interleaved runs`;
  return [head, ...measurements.map(formatMeasurement)].join("\n\n");
}

function formatMeasurement(measurement: Measurement): string {
  const { name, unit, note, candidates, verdicts } = measurement;
  const first = candidates[0];
  const lines = candidates.map((candidate) => formatCandidate(candidate, first, unit));
  return [
    note === undefined ? name : `${name} (${note})`,
    ...lines,
    ...verdicts.map(formatVerdict),
  ].join("\n");
}

function formatCandidate(candidate: Candidate, first: Candidate | undefined, unit: string): string {
  const value = median(candidate.samples);
  const lowest = Math.min(...candidate.samples);
  const highest = Math.max(...candidate.samples);
  const ratio = median(first?.samples ?? candidate.samples) / value;
  const columns = [
    `  ${candidate.name.padEnd(NAME_WIDTH)}`,
    number(value).padStart(NUMBER_WIDTH),
    unit.padEnd(8),
    `${number(lowest)} to ${number(highest)}`.padEnd(24),
    candidate === first ? "" : `zerovm / this ${ratio.toFixed(2)}`,
  ];
  return columns.join(" ").trimEnd();
}

function formatVerdict({ bar, value, limit, isMet }: Verdict): string {
  return `  ${isMet ? "met  " : "UNMET"} ${bar}: ${number(value)}, bar ${number(limit)}`;
}

function number(value: number): string {
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
}

/** The results for programs: every sample, so that others can judge them. */
export function formatJson(machine: Machine, measurements: readonly Measurement[]): string {
  const results = measurements.map((measurement) => ({
    ...measurement,
    candidates: measurement.candidates.map((candidate) => ({
      ...candidate,
      median: median(candidate.samples),
    })),
  }));
  return `${JSON.stringify({ machine, results }, undefined, 2)}\n`;
}
