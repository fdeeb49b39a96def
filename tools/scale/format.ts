import type { Ring } from "./ring.ts";
import type { Balance, SimulatedRun, Simulation, Took } from "./simulate.ts";
import type { Traffic } from "./traffic.ts";

/** The figures of a simulation as a table for people. */
export function formatSimulation(ring: Ring, simulation: Simulation): string {
  const { objects, seed, storedBytes, largestBytes, planning, looking, peakBytes, runs } =
    simulation;
  const { before, planned, placed } = peakBytes;
  return [
    `${ring.hosts.length} storage nodes, ${ring.deviceCount} devices, 2^${ring.partPower} partitions;` +
      ` ${objects} objects of ${size(storedBytes)} in all,` +
      ` ${size(largestBytes)} the largest; seed ${seed}`,
    `Node ${process.version}: planned in ${seconds(planning)}, looked up in ${seconds(looking)};` +
      ` peak memory ${size(before)} before, ${size(planned)} planned, ${size(placed)} placed`,
    "",
    ...columns([
      ["", ...runs.map(({ outShare }) => `${outShare * 100} % out`)],
      ...rows(simulation),
    ]),
  ].join("\n");
}

function rows({ runs, storedBytes }: Simulation): string[][] {
  const row = (name: string, value: (run: SimulatedRun) => string) => [name, ...runs.map(value)];
  const traffic = (name: string, key: keyof Traffic) => row(name, (run) => size(run.traffic[key]));
  return [
    row("placed in", ({ placing }) => seconds(placing)),
    row("hosts in", ({ hostsIn }) => String(hostsIn)),
    row("hosts used", ({ hostsUsed }) => String(hostsUsed)),
    row("nodes beside a replica", ({ local }) => String(local)),
    row("nodes on a handoff", ({ handoff }) => String(handoff)),
    row("nodes elsewhere", ({ elsewhere }) => String(elsewhere)),
    row("sessions, max / mean", ({ sessions }) => ratio(sessions, String)),
    row("  of a drawn replica", ({ drawnSessions }) => ratio(drawnSessions, String)),
    row("bytes read, max / mean", ({ bytes }) => ratio(bytes, size)),
    traffic("looking at objects", "looks"),
    traffic("orders", "orders"),
    traffic("programs", "programs"),
    traffic("answers", "answers"),
    traffic("outputs", "outputs"),
    traffic("inputs brought", "brought"),
    traffic("all that moves", "total"),
    row("moving the data instead", () => size(storedBytes)),
    row("as a share", ({ traffic: { total } }) => `${((100 * total) / storedBytes).toFixed(2)} %`),
    row("digest", ({ digest }) => digest.slice(0, 12)),
  ];
}

function ratio({ max, mean }: Balance, text: (value: number) => string): string {
  return `${text(max)} / ${mean < 1000 ? mean.toFixed(1) : text(mean)} = ${(max / mean).toFixed(2)}`;
}

/** Time of the clock and, in brackets, of the processors. */
function seconds({ wallMs, processorMs }: Took): string {
  return `${(wallMs / 1000).toFixed(1)} s (${(processorMs / 1000).toFixed(1)} s)`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes in powers of a thousand, with three digits. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${Number(value.toPrecision(3))} ${UNITS[unit]}`;
}

function columns(table: readonly (readonly string[])[]): string[] {
  const widths = (table[0] ?? []).map((_, at) => {
    return Math.max(...table.map((row) => (row[at] ?? "").length));
  });
  return table.map((row) => {
    const cells = row.map((cell, at) => {
      const width = widths[at] ?? 0;
      return at === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    return cells.join("   ").trimEnd();
  });
}
