/** How the process of a cell is made, when it is needed or ahead of that. */
import { closeSync, existsSync } from "node:fs";
import { join } from "node:path";
import { makePipe, socketPair, spawnProcess } from "../../libc/index.ts";
import {
  engineStackBytes,
  type LockPlan,
  namespaceWords,
  tieLifeline,
  UNSHARE_PATHS,
} from "../../walls/index.ts";
import { borrowCell } from "./borrow.ts";
import { encodePlan, type LaunchPlan } from "./launch-plan.ts";
import type { LaunchedCell, LaunchOptions, OwnCell } from "./launched-cell.ts";

/**
 * How much a function runs before it is optimised. The engine's own value optimises much of what
 * runs only while an interpreter starts; results are the same with any.
 */
const TIERING_BUDGET = 20_000_000;
/** The last line of Node known to take the flag: it would refuse to start with one it does not. */
const TIERING_NODE_MAX = 26;

/** Threads that help with collecting our few objects are waited for longer than they save. */
const COLLECTING = "--single-threaded-gc";

/**
 * Without its first tier the engine compiles a function by the optimising one, when it is called
 * first. Where the flag is set in a process that runs, Node 26 may abort.
 */
const OPTIMISING_FLAGS = ["--no-liftoff"];

/**
 * Hints for branches that are rarely taken are read by `HINTING_NODE` and
 * later; older versions read them where they are told to. Results are the same with and without.
 */
const HINTING = "--experimental-wasm-branch-hinting";
const HINTING_NODE = 26;

/** Lets our own script name what the engine does with one function: a guest has no script. */
const NAMING = "--allow-natives-syntax";

const CELL_FLAGS = [COLLECTING, ...compilingFlags(process.versions.node)];

/** What the engine uses of its stack, in KiB: the cell sees to it that there is as much. */
function stackFlag(): string {
  return `--stack-size=${engineStackBytes() / 1024}`;
}

function compilingFlags(version: string): string[] {
  const major = Number.parseInt(version, 10);
  if (major > TIERING_NODE_MAX) return [];
  const hinting = major < HINTING_NODE ? [HINTING] : [];
  return [`--wasm-tiering-budget=${TIERING_BUDGET}`, NAMING, ...hinting];
}

/** Whether a cell of this version of Node can have single functions optimised: see `optimise`. */
export function canOptimise(): boolean {
  return Number.parseInt(process.versions.node, 10) <= TIERING_NODE_MAX;
}

/** Nothing of our environment is handed down. Node's own rings would walk around the filter. */
const CELL_ENVIRONMENT = ["UV_USE_IO_URING=0"];

/**
 * Makes the process of a cell, not yet told anything.
 * @throws HostIoError when the host cannot; Error where there is no koffi for this machine
 */
export function launchCell(options: LaunchOptions = {}): OwnCell {
  const unshare = options.hasNamespaces === false ? undefined : unsharePath();
  const isRoot = process.getuid?.() === 0;
  const lock: LockPlan = {
    changesUser: isRoot,
    hasNamespaces: unshare !== undefined,
    without: options.without ?? [],
  };
  const { isWeak = false, isWarm = false } = options;
  const plan: LaunchPlan = { lock, isWeak, isWarm };
  const [program, ...more] = options.program ?? [cellPath()];
  const flags = [
    stackFlag(),
    ...CELL_FLAGS,
    ...(options.optimises === true ? OPTIMISING_FLAGS : []),
  ];
  const command = [process.execPath, ...flags, program, encodePlan(plan), ...more];
  const words =
    unshare === undefined ? command : [...namespaceWords(isRoot, lock.without), ...command];
  const path = unshare ?? process.execPath;
  return spawn(path, words, { ...options, hasNamespaces: unshare !== undefined });
}

function spawn(
  path: string,
  words: readonly string[],
  options: LaunchOptions & { readonly hasNamespaces: boolean },
): OwnCell {
  const opened: number[] = [];
  const keep = (pair: readonly [number, number]): readonly [number, number] => {
    opened.push(...pair);
    return pair;
  };
  try {
    const [control, theirControl] = keep(socketPair());
    const [theirLifeline, lifeline] = keep(makePipe());
    const [theirStop, stop] = keep(makePipe());
    const [lastWords, theirWords] = keep(makePipe());
    const pid = spawnProcess({
      path,
      words,
      environment: CELL_ENVIRONMENT,
      descriptors: ["null", "null", theirWords, theirControl, theirLifeline, theirStop],
    });
    const isTied = options.hasNamespaces && options.without?.includes("lifeline") !== true;
    if (isTied) tieLifeline(theirLifeline, pid);
    for (const fd of [theirControl, theirLifeline, theirStop, theirWords]) closeSync(fd);
    const { hasNamespaces } = options;
    return { pid, control, lifeline, stop, words: lastWords, hasNamespaces, options };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  }
}

function unsharePath(): string | undefined {
  return UNSHARE_PATHS.find((path) => existsSync(path));
}

/** What starts the cell: beside the built folder, or three levels above this file. */
function cellPath(): string {
  const beside = join(import.meta.dirname, "../bin/cell.js");
  return existsSync(beside) ? beside : join(import.meta.dirname, "../../../../bin/cell.js");
}

/** Whether cells can be made on this system as far as it is known without trying. */
export function canLaunch(): boolean {
  return process.platform === "linux" && (process.arch === "x64" || process.arch === "arm64");
}

/** Under this name bundles of one process share the cell that was launched ahead. */
const AHEAD = Symbol.for("zerovm.cell.ahead");

/**
 * Launches a cell that the next session of this process takes. Node needs most of a cold start
 * to start itself, and this lets it do so while the host finds out what to run. A cell that
 * nobody takes ends when this process does.
 */
export function launchAhead(): void {
  if (!canLaunch()) return;
  try {
    Reflect.set(globalThis, AHEAD, borrowCell() ?? launchCell());
  } catch {
    // The session that needs one finds out by itself.
  }
}

/** Gives this process the cell that its next session takes. */
export function keepAhead(cell: LaunchedCell): void {
  Reflect.set(globalThis, AHEAD, cell);
}

/** The cell that was launched ahead, as far as sessions may want to know. */
export function lookAhead(): Pick<LaunchedCell, "compiled" | "guest"> {
  return (Reflect.get(globalThis, AHEAD) as LaunchedCell | undefined) ?? {};
}

/**
 * The cell that was launched ahead, once.
 * @param continues whether the guest that waits in it is to go on; one that is not ends
 */
export function takeAhead(continues: boolean): LaunchedCell | undefined {
  const launched = Reflect.get(globalThis, AHEAD) as LaunchedCell | undefined;
  Reflect.deleteProperty(globalThis, AHEAD);
  if (launched === undefined || (launched.guest !== undefined) === continues) return launched;
  const { control, lifeline, stop, words } = launched;
  for (const fd of [control, lifeline, stop, words]) closeSync(fd);
  return undefined;
}
