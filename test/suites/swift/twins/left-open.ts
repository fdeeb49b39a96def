import { readdirSync } from "node:fs";
import { request } from "node:http";
import { markedProcesses } from "../../../../tools/swift/index.ts";
import { at, jobOf, PROGRAM_URL, STDOUT } from "./jobs.ts";
import type { Side } from "./side.ts";

const SERVERS = ["proxy", "coordinator", "node1-worker", "node2-worker", "node3-worker"];
const HEADERS = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
/** Connections that the proxy keeps to its cache and to storage servers: it opens some later. */
const KEPT_CONNECTIONS = 24;
/** Workers keep programs, with cells for them: those of the jobs that are tried, on each host. */
const KEPT_PROGRAMS = 12;

/** Less than what the jobs of a test would leave, if each left one thing somewhere. */
const SPARE: Readonly<Record<string, number>> = { proxy: KEPT_CONNECTIONS, coordinator: 0 };

/** What one server has open, with all its processes. */
export interface Open {
  readonly server: string;
  readonly processes: number;
  readonly threads: number;
  readonly descriptors: number;
  /** In the folder for its temporary files. */
  readonly files: number;
}

/** What the servers of a cluster have open that have to do with jobs. */
export function openIn(folder: string): Open[] {
  return SERVERS.map((server) => {
    const pids = markedProcesses(folder, server);
    const count = (what: string) =>
      pids.reduce((sum, pid) => sum + entries(`/proc/${pid}/${what}`), 0);
    const files = entries(`${folder}/homes/${server}`);
    const open = { threads: count("task"), descriptors: count("fd"), files };
    return { server, processes: pids.length, ...open };
  });
}

/** Servers that have more open than before, and what. */
export function grownIn(folder: string, before: readonly Open[]): unknown[] {
  return openIn(folder).flatMap((now, at) => {
    const then = before[at] ?? now;
    const spare = SPARE[now.server] ?? KEPT_PROGRAMS;
    const hasGrown =
      now.processes > then.processes + spare ||
      now.threads > then.threads + spare ||
      now.descriptors > then.descriptors + spare ||
      now.files > then.files;
    return hasGrown ? [{ then, now }] : [];
  });
}

/** Jobs that come to each kind of end. */
export async function someJobs(side: Side, rounds: number): Promise<void> {
  await side.container("c");
  await side.put("c/in", "data");
  const stdin = (name: string) => ({ name: "stdin", path: at(side, name) });
  const stored = { name: "stdout", path: at(side, "c/out") };
  const jobs = [
    jobOf({ program: "cat", devices: [stdin("c/in"), STDOUT] }),
    jobOf({ program: "cat", devices: [stdin("c/in"), stored] }),
    jobOf({ program: "faulting" }),
    jobOf({ program: "cat", devices: [stdin("c/none"), STDOUT] }),
    "no job",
  ];
  const connected = [
    jobOf({ program: "swap", more: { count: 4, connect: ["n"] } }),
    jobOf({ name: "m", program: "hello", more: { connect: ["n"] } }, { program: "faulting" }),
  ];
  for (let round = 0; round < rounds; round += 1) {
    // No more at a time than before: the proxy keeps connections for as many.
    for (const some of [jobs, connected]) {
      await Promise.all(
        some.map((body) => side.send("POST", "/v1/AUTH_test", { headers: HEADERS, body })),
      );
    }
    await leave(side);
  }
}

/** A client that goes away while its job runs. */
async function leave(side: Side): Promise<void> {
  const body = jobOf({ program: `${PROGRAM_URL}loop` });
  const token = { "X-Auth-Token": side.token("tester"), "X-Zerovm-Timeout": "20" };
  const headers = { ...HEADERS, ...token, "Content-Length": body.length };
  const sent = request({ port: side.port, method: "POST", path: "/v1/AUTH_test", headers });
  sent.on("error", () => undefined);
  sent.end(body);
  await new Promise((resolve) => setTimeout(resolve, LEAVES_MS));
  sent.destroy();
}

const LEAVES_MS = 400;

function entries(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}
