/**
 * The host of attacked cells, as a program of its own: so it can be another user, run on another
 * Node, or be killed. Reads jobs from its standard input; prints one line of JSON for each job.
 */
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CellProcess } from "../../src/zerovm/cell/launch/cell-process.ts";
import { launchCell } from "../../src/zerovm/cell/launch/launch.ts";
import type { LaunchOptions } from "../../src/zerovm/cell/launch/launched-cell.ts";
import { listenByEvents } from "../../src/zerovm/cell/launch/wires.ts";
import type { Target } from "./attack.ts";
import type { Task, Told } from "./inside.ts";
import { abstractAddress, callByLibrary } from "./raw-call.ts";

/** One cell to be attacked from within. */
export interface Job {
  readonly program: string;
  readonly names: readonly string[];
  /** The cell runs for ever; the host says when it was born, or when it is locked. */
  readonly loopsFrom?: "birth" | "lock";
  /** The host ends the cell as soon as it is locked. */
  readonly isKilled?: true;
  readonly launch: Omit<LaunchOptions, "program">;
}

/** What became of it. */
export interface JobEnd {
  readonly told: readonly Told[];
  readonly status: number | null;
  readonly signal: number | null;
  readonly lastWords: string;
}

const SOCKET = 41;
const BIND = 49;
const LISTEN = 50;
const SHMGET = 29;
const SHMCTL = 31;
const CREATE_FOR_ALL = 0o1666;
const FCNTL = 72;
const F_SETFD = 2;
const TOGETHER = 2;

async function attack(job: Job, target: Target): Promise<JobEnd> {
  const { program, names, loopsFrom } = job;
  const task: Task = { target, names, loops: loopsFrom !== undefined };
  const launched = launchCell({ ...job.launch, program: [program, JSON.stringify(task)] });
  // Whoever is to kill us waits for a word.
  if (loopsFrom === "birth") console.log(launched.pid);
  let text = "";
  const cell = new CellProcess(launched, listenByEvents, (bytes) => {
    text += Buffer.from(bytes).toString("latin1");
    if (!text.includes("\n")) return;
    if (job.isKilled) cell.kill();
    else if (loopsFrom === "lock") console.log(launched.pid);
  });
  const { status, signal } = await cell.gone();
  const lines = text.split("\n").filter((line) => line !== "");
  const told = lines.map((line) => JSON.parse(line) as Told);
  const { lastWords } = cell;
  cell.close();
  return { told, status: status ?? null, signal: signal ?? null, lastWords };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen({ port: 0, host: "127.0.0.1" }, done));
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

/** At a name that has no file, which older Nodes cannot. */
function listenByName(name: string): number {
  const address = abstractAddress(name);
  const socket = Number(callByLibrary(SOCKET, 1, 0x80001, 0));
  callByLibrary(BIND, socket, address, address.length);
  callByLibrary(LISTEN, socket, 8);
  return socket;
}

/** All that attacks aim at; nothing of it is anybody else's. */
interface World {
  readonly target: Target;
  dispose(): void;
}

/** For a host that is to be killed, and could take nothing away again. */
function emptyWorld(): World {
  const target = { pid: process.pid, port: 0, socketName: "", memoryKey: 0, folder: "", file: "" };
  return { target, dispose: () => undefined };
}

async function makeWorld(): Promise<World> {
  const { pid } = process;
  const socketName = `zerovm-attack-${pid}`;
  const tcp = createServer();
  const port = await listen(tcp);
  const named = listenByName(socketName);
  const memoryKey = 0x5a56_0000 + (pid % 0x1_0000);
  const memory = Number(callByLibrary(SHMGET, memoryKey, 4096, CREATE_FOR_ALL));
  const folder = mkdtempSync(join(tmpdir(), "zerovm-target-"));
  const file = join(folder, "file");
  writeFileSync(file, "target");
  chmodSync(folder, 0o777);
  chmodSync(file, 0o666);
  // Somebody was careless, and would hand this down.
  const careless = openSync(file, "r");
  callByLibrary(FCNTL, careless, F_SETFD, 0);
  const dispose = (): void => {
    closeSync(careless);
    rmSync(folder, { recursive: true, force: true });
    callByLibrary(SHMCTL, memory, 0, 0);
    tcp.close();
    closeSync(named);
  };
  return { target: { pid, port, socketName, memoryKey, folder, file }, dispose };
}

async function main(): Promise<void> {
  const jobs = JSON.parse(readFileSync(0, "utf8")) as readonly Job[];
  const mayDie = jobs.some(({ loopsFrom }) => loopsFrom !== undefined);
  const world = mayDie ? emptyWorld() : await makeWorld();
  const ends: JobEnd[] = [];
  const rest = [...jobs.entries()];
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const [index, job] = next;
      ends[index] = await attack(job, world.target);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
  for (const end of ends) console.log(JSON.stringify(end));
  world.dispose();
}

void main();
