/**
 * The program of an attacked cell: locks itself as every cell does, then runs attacks by name and
 * tells each answer over the control socket, one line of JSON each.
 */
import { writeSync } from "node:fs";
import { LIMIT_TABLE, type Limits } from "../../src/base/index.ts";
import { decodePlan } from "../../src/zerovm/cell/launch/launch-plan.ts";
import { leaveAtOnce } from "../../src/zerovm/libc/index.ts";
import { CONTROL_FD, limitOrder, lockCell, type WallName } from "../../src/zerovm/walls/index.ts";
import { DONE, type Target } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";
import { look } from "./looks.ts";
import { callByLibrary, type RawResult } from "./raw-call.ts";

const RT_SIGPROCMASK = 14;
const SIG_BLOCK = 0;

/** What the cell is to do once it is locked. */
export interface Task {
  readonly target: Target;
  /** Names of attacks, or of looks. */
  readonly names: readonly string[];
  /** At the end the cell runs for ever and takes no signal that can be held back. */
  readonly loops: boolean;
}

/** One line of what it tells. */
export interface Told {
  readonly name: string;
  readonly answer: string;
}

function tell(told: Told): void {
  writeSync(CONTROL_FD, `${JSON.stringify(told)}\n`);
}

function standardLimits(): Limits {
  const entries = Object.entries(LIMIT_TABLE).map(([name, kind]) => [name, kind.standard]);
  return Object.fromEntries(entries) as Limits;
}

function run(name: string, target: Target): RawResult {
  const attack = ATTACKS.find((known) => known.name === name);
  return attack === undefined ? look(name) : attack.run(target);
}

function holdSignalsBack(): void {
  callByLibrary(RT_SIGPROCMASK, SIG_BLOCK, new Uint8Array(8).fill(0xff), 0, 8);
}

function loop(): never {
  for (;;);
}

const { lock } = decodePlan(process.argv[2]);
const task = JSON.parse(process.argv[3] ?? "") as Task;
const walls: WallName[] = [];
lockCell(lock, walls, (reason) => {
  throw reason;
});
if (walls.includes("rlimits")) limitOrder(standardLimits());
// Before the first word, at which whoever hears it may end.
if (task.loops) holdSignalsBack();
tell({ name: "walls", answer: walls.join(" ") });
for (const name of task.names) {
  const result = run(name, task.target);
  tell({ name, answer: typeof result === "number" ? DONE : result });
}
if (task.loops) loop();
leaveAtOnce(0);
