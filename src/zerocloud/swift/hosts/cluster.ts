import type { Log } from "../../log/index.ts";
import type { HostBook } from "../../placement/index.ts";
import type { HostGates } from "./host-gates.ts";
import type { HostPulse } from "./host-pulse.ts";
import type { ObjectServers } from "./object-servers.ts";
import type { ProgramBook } from "./program-book.ts";
import type { ProgramSends } from "./program-sends.ts";

/** What a coordinator knows of its cluster from one job to the next. */
export interface Cluster {
  readonly servers: ObjectServers;
  readonly pulse: HostPulse;
  readonly book: HostBook;
  readonly gates: HostGates;
  readonly programs: ProgramBook;
  readonly sends: ProgramSends;
  readonly log: Log;
}

/** Writes to the log what went wrong with a host; the cause, too, where there is one. */
export function tell({ log }: Pick<Cluster, "log">, text: string, cause?: unknown): void {
  if (cause === undefined) log.write({ kind: "event", level: "warn", text });
  else log.write({ kind: "failure", text, cause });
}
