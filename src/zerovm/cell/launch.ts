/** How the process of a cell is made, when it is needed or ahead of that. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { AHEAD_ARG, canPass } from "./pass-descriptors.ts";

/** Where the control socket is, in the cell and among the pipes of its process here. */
export const CONTROL_FD = 3;

/** Stack of the cell in KiB: the same on every machine, whatever its `ulimit -s`. */
const STACK_KIB = 984;

/**
 * How much a function runs before it is optimised. The engine's own value optimises much of what
 * runs only while an interpreter starts; results are the same with any.
 */
const TIERING_BUDGET = 20_000_000;
/** The last line of Node known to take the flag: it would refuse to start with one it does not. */
const TIERING_NODE_MAX = 26;

const CELL_FLAGS = [`--stack-size=${STACK_KIB}`, ...tieringFlags(process.versions.node)];

function tieringFlags(version: string): string[] {
  const isKnown = Number.parseInt(version, 10) <= TIERING_NODE_MAX;
  return isKnown ? [`--wasm-tiering-budget=${TIERING_BUDGET}`] : [];
}

/** Under this name bundles of one process share the cell that was launched ahead. */
const AHEAD = Symbol.for("zerovm.cell.ahead");

/**
 * Nothing of our environment is handed down. `program` is what Node runs, and its arguments. A
 * process that could not be made has no number.
 * @throws the error of the host where it is none of the usual ones
 */
export function launchCell(
  handovers: readonly (number | "pipe")[],
  program: readonly string[] = [cellPath()],
): ChildProcess {
  const child = spawn(process.execPath, [...CELL_FLAGS, ...program], {
    stdio: ["ignore", "ignore", "pipe", "pipe", ...handovers],
    env: {},
    cwd: "/",
    windowsHide: true,
  });
  // A process that could not be made says so later; unheard, that would end ours.
  child.on("error", () => undefined);
  return child;
}

/** What starts the cell: beside the built folder, or three levels above this file. */
function cellPath(): string {
  const beside = join(import.meta.dirname, "../bin/cell.js");
  return existsSync(beside) ? beside : join(import.meta.dirname, "../../../bin/cell.js");
}

/**
 * Launches a cell that the next session of this process takes. Node needs most of a cold start
 * to start itself, and this lets it do so while the host finds out what to run. A cell that
 * nobody takes ends when this process does, and does not keep it.
 */
export function launchAhead(): void {
  if (!canPass()) return;
  try {
    const child = launchCell([], [cellPath(), AHEAD_ARG]);
    if (child.pid === undefined) return;
    holdOpen(child, false);
    Reflect.set(globalThis, AHEAD, child);
  } catch {
    // The session that needs one finds out by itself.
  }
}

/** The cell that was launched ahead, once, if it lives. */
export function takeAhead(): ChildProcess | undefined {
  const child: unknown = Reflect.get(globalThis, AHEAD);
  Reflect.deleteProperty(globalThis, AHEAD);
  if (child === undefined) return undefined;
  const launched = child as ChildProcess;
  if (launched.pid === undefined || launched.exitCode !== null) return undefined;
  holdOpen(launched, true);
  return launched;
}

/** Whether the process and its pipes keep the event loop of this process running. */
function holdOpen(child: ChildProcess, isHeld: boolean): void {
  const pipes = [child.stdio[2], child.stdio[CONTROL_FD]] as unknown as readonly (Held | null)[];
  for (const held of [child, ...pipes]) {
    if (isHeld) held?.ref();
    else held?.unref();
  }
}

type Held = Pick<ChildProcess, "ref" | "unref">;

/** The descriptor of the control socket in this process, where the host lets us know it. */
export function controlFd(child: ChildProcess): number | undefined {
  const socket = child.stdio[CONTROL_FD] as Duplex & { _handle?: { readonly fd?: number } };
  const fd = socket._handle?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}
