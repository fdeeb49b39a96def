import { printable } from "../base/index.ts";
import type { JobHeaders, NodeResult } from "../zerocloud/client/index.ts";

const COLUMNS = [
  "NODE",
  "STATUS",
  "EXIT",
  "SECONDS",
  "SYSTEM",
  "USER",
  "READS",
  "READ",
  "WRITES",
  "WRITTEN",
] as const;

/** What became of each node, and the time of all: traffic is that of objects and connections. */
export function nodeTable({ nodes, seconds }: Pick<JobHeaders, "nodes" | "seconds">): string {
  const total = seconds === undefined ? [] : [`Total time: ${seconds.toFixed(3)} s`];
  const rows = nodes.map((node, at) => {
    // Copies of a node have its name, and come one behind the other.
    const copy = nodes.slice(0, at).filter(({ name }) => name === node.name).length;
    return rowOf(copy === 0 ? node.name : `${node.name} (copy ${copy})`, node);
  });
  return [...columns([COLUMNS, ...rows]), ...total].join("\n");
}

function rowOf(name: string, { status = "", exitCode, accounting }: NodeResult): string[] {
  const own = [printable(name), printable(status), exitOf(exitCode, status)];
  if (accounting === undefined) return own;
  const { seconds, systemSeconds, userSeconds, local, network } = accounting;
  const sums = (["reads", "readBytes", "writes", "writtenBytes"] as const).map((part) => {
    return String(local[part] + network[part]);
  });
  const times = [seconds, systemSeconds, userSeconds].map((time) => time?.toFixed(2) ?? "-");
  return [...own, ...times, ...sums];
}

/** A program that did not come to its end gave nothing to exit; the server says 0 then. */
function exitOf(exitCode: number | undefined, status: string): string {
  if (exitCode === undefined) return "";
  return exitCode === 0 && status !== "" && status !== "ok." ? "-" : String(exitCode);
}

/** Lines of columns that are as wide as their widest entry. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) => {
    return Math.max(...rows.map((row) => (row[at] ?? "").length));
  });
  return rows.map((row) => {
    return row
      .map((entry, at) => entry.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  });
}
