/** What this system can enforce: each wall is tried for real, in cells as sessions have them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CellEnd, type LaunchOptions, launchCell, startCell } from "../cell/index.ts";
import { killProcess, libraryCall, reapProcess } from "../libc/index.ts";
import { UNSHARE_PATHS, WALLS, type WallName } from "../walls/index.ts";
import { EXPECTED, type ProbeTask, type TriedWall } from "./attempts.ts";

/** One wall, as it was found. */
export interface WallFinding {
  readonly name: WallName;
  readonly meaning: string;
  readonly stands: boolean;
  /** What was tried, and what came of it. */
  readonly tried: string;
}

/** What the doctor found. */
export interface Examination {
  /** Whether sessions run with `--isolation=full`: with every wall that can stand here. */
  readonly runs: boolean;
  readonly walls: readonly WallFinding[];
  /** What would have to change for more of them, in words. */
  readonly advice: readonly string[];
}

/** A session is refused without them; a system without namespaces has no more than these. */
const ALWAYS: readonly WallName[] = ["seccomp", "rlimits", "lifeline"];
const NAMES = Object.keys(WALLS) as WallName[];
const ANSWER_BYTES_MAX = 4096;
const SHARED_BYTES = 4096;
const ALL_MAY_LOOK = 0o1666;
const IPC_REMOVE = 0;

/** Tries each wall. @returns what was found; it never throws for what the system lacks */
export async function examine(): Promise<Examination> {
  const memory = shareMemory();
  try {
    return await examineWith(memory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const walls = NAMES.map((name) => finding(name, false, "nothing could be tried"));
    return { runs: false, walls, advice: [`No cell can be started: ${reason}`] };
  } finally {
    libraryCall("int shmctl(int id, int command, void *into)")(memory, IPC_REMOVE, null);
  }
}

function shareMemory(): number {
  const get = libraryCall("int shmget(int key, unsigned long size, int flags)");
  return Number(get(0, SHARED_BYTES, ALL_MAY_LOOK));
}

async function examineWith(memory: number): Promise<Examination> {
  const task = { pid: process.pid, memory };
  const whole = await probe({ ...task, walls: ["seccomp"] }, {});
  const behind = NAMES.filter((name): name is TriedWall => !["seccomp", "lifeline"].includes(name));
  // What is behind the filter can be tried only where the filter is not.
  const without = await probe({ ...task, walls: behind }, { without: ["seccomp"] });
  const answers = JSON.parse(without.answer ?? "{}") as Readonly<Record<string, string>>;
  const found = new Map<WallName, WallFinding>();
  found.set("seccomp", judged("seccomp", whole.walls, endingOf(whole)));
  for (const name of behind) found.set(name, judged(name, without.walls, answers[name]));
  found.set("lifeline", await tryLifeline(task, whole));
  const walls = NAMES.map((name) => found.get(name)).filter((wall) => wall !== undefined);
  const standing = walls.filter(({ stands }) => stands).map(({ name }) => name);
  const runs = whole.missingWall === undefined && ALWAYS.every((name) => standing.includes(name));
  return { runs, walls, advice: adviceFor(standing, whole) };
}

async function probe(task: ProbeTask, launch: LaunchOptions): Promise<CellEnd> {
  const cell = startCell({
    order: "{}",
    handovers: [],
    answerBytesMax: ANSWER_BYTES_MAX,
    onStart: () => undefined,
    launch: { ...launch, program: [probePath(), JSON.stringify(task)] },
  });
  return await cell.end;
}

/** Beside the built command, or in the built folder of the repository. */
function probePath(): string {
  const beside = join(import.meta.dirname, "probe.cjs");
  return existsSync(beside) ? beside : join(import.meta.dirname, "../../../dist/probe.cjs");
}

function endingOf({ signal, answer, hostFailure, lastWords }: CellEnd): string {
  if (signal !== undefined) return signal;
  if (answer !== undefined) return "done";
  return hostFailure ?? lastWords;
}

function finding(name: WallName, stands: boolean, tried: string): WallFinding {
  return { name, meaning: WALLS[name], stands, tried };
}

/** A wall stands when the cell says so and the attempt was answered as it must be. */
function judged(
  name: TriedWall,
  said: readonly WallName[],
  answer: string | undefined,
): WallFinding {
  const [attempt, expected] = EXPECTED[name];
  const stands = said.includes(name) && answer === expected;
  return finding(name, stands, answer === undefined ? "not tried" : `${attempt}: ${answer}`);
}

/** How long a cell may take to be gone once nobody holds its lifeline. */
const GONE_MS_MAX = 5000;
const SLICE_MS = 10;

async function tryLifeline(
  task: Pick<ProbeTask, "pid" | "memory">,
  { walls }: CellEnd,
): Promise<WallFinding> {
  if (!walls.includes("lifeline")) return finding("lifeline", false, "not tried");
  const words = JSON.stringify({ ...task, walls: [], waits: true });
  const hasNamespaces = walls.includes("processes");
  const {
    pid,
    control,
    stop,
    words: lastWords,
    lifeline,
  } = launchCell({
    hasNamespaces,
    program: [probePath(), words],
  });
  const { closeSync, readSync } = process.getBuiltinModule("node:fs");
  // Its first word: it is locked.
  readSync(control, new Uint8Array(ANSWER_BYTES_MAX));
  closeSync(lifeline);
  let end = reapProcess(pid);
  for (let waited = 0; end === undefined && waited < GONE_MS_MAX; waited += SLICE_MS) {
    await new Promise((done) => setTimeout(done, SLICE_MS));
    end = reapProcess(pid);
  }
  if (end === undefined) killProcess(pid);
  for (const fd of [control, stop, lastWords]) closeSync(fd);
  const what = end === undefined ? "goes on" : "is gone";
  return finding("lifeline", end !== undefined, `a cell whose host lets go: ${what}`);
}

/** What the kernel may say about namespaces of ordinary users, and the value that forbids them. */
const SETTINGS = [
  ["user.max_user_namespaces", "0", "a larger number"],
  ["kernel.unprivileged_userns_clone", "0", "1"],
  ["kernel.apparmor_restrict_unprivileged_userns", "1", "0"],
] as const;

function adviceFor(standing: readonly WallName[], whole: CellEnd): string[] {
  const advice: string[] = [];
  if (whole.missingWall !== undefined) advice.push(`A cell ended: ${whole.missingWall}`);
  if (!standing.includes("seccomp")) {
    advice.push("The filter needs Linux on x86-64 or arm64, with CONFIG_SECCOMP_FILTER");
  }
  if (standing.includes("network")) return advice;
  if (!UNSHARE_PATHS.some((path) => existsSync(path))) {
    advice.push(`Namespaces need unshare of util-linux at ${UNSHARE_PATHS.join(" or ")}`);
  }
  const isRoot = process.getuid?.() === 0;
  if (isRoot)
    advice.push("Namespaces of root need CAP_SYS_ADMIN, which containers often take away");
  else advice.push(...settingsInTheWay());
  return advice;
}

function settingsInTheWay(): string[] {
  const found = SETTINGS.filter(([name, forbidding]) => settingOf(name) === forbidding);
  if (found.length === 0) return ["Namespaces of ordinary users are not allowed here"];
  return found.map(([name, value, wanted]) => {
    return `Namespaces are forbidden by ${name} = ${value}: set it to ${wanted}`;
  });
}

function settingOf(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll(".", "/")}`, "utf8").trim();
  } catch {
    return undefined;
  }
}
