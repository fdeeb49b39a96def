import { printable, ZvmError } from "../../base/index.ts";
import {
  CellPool,
  HostPool,
  hostSocketPath,
  poolSocketPath,
  preparedPool,
  programPool,
  type RunOptions,
  servePool,
} from "../../zerovm/index.ts";
import { type Command, complain, print } from "../command.ts";
import { catchInterrupts, type Interrupts } from "../interrupt.ts";
import type { ParsedOptions } from "../options.ts";
import { RUN_SETTINGS, readRunOptions } from "../run-settings.ts";

const SIZE = 2;
const SIZE_MAX = 1000;
/** Options of `zerovm run` on which the code of a program depends. */
const PROGRAM_SETTINGS = ["memory", "fuel", "limit"];
/** Those that a program may see before its point. */
const PREPARE_SETTINGS = ["read", "write", "image", "channel", "env", "clock", "seed"];
/** Of the former, what is spent before the point as well as after it. */
const NOT_PREPARED = ["fuel"];

/** `zerovm pool`. */
export const POOL: Command = {
  name: "pool",
  usage: ["[options] [PROGRAM]", "--prepare [options] PROGRAM [ARG…]"],
  description:
    "Keeps processes that are started and warm: cells, locked, and beside each the command line that\n" +
    "runs a session in it. While it runs, `zerovm run` and `zerovm exec` of the same user are run by\n" +
    "them, each pair for one session, and start their own where none waits or theirs would differ.\n" +
    "With PROGRAM, a .wasm file or the name of a runtime, each cell has compiled that program: to run\n" +
    "it, give --memory, --limit and --fuel alike. With --prepare the program has run to its point, the\n" +
    "first read of /dev/zfork, and the same command goes on from there. Ctrl-C ends the pool; sessions\n" +
    "go on.",
  options: [
    { name: "size", value: "N", help: `Pairs that wait at any time (default ${SIZE})` },
    {
      name: "idle",
      value: "SECONDS",
      help: "Keep only one pair when nobody came for so long (default: keep all)",
    },
    {
      name: "socket",
      value: "PATH",
      isPath: true,
      help: "Listen here; set ZEROVM_POOL to the same path for the commands",
    },
    { name: "prepare", help: "Run PROGRAM with its ARGs to its point in each cell" },
    ...RUN_SETTINGS.filter(({ name }) => [...PROGRAM_SETTINGS, ...PREPARE_SETTINGS].includes(name)),
  ],
  stopAtOperand: true,
  examples: [
    {
      line: "zerovm pool --size 4 &",
      does: "commands that follow start in a fraction of the time",
    },
    { line: "zerovm pool --memory 64M tool.wasm &", does: "and need not compile this program" },
    {
      line: "zerovm pool --prepare python -c 'import json; open(\"/dev/zfork\").read(); …' &",
      does: "and the same after zerovm run goes on behind the import",
    },
  ],
  run: async (parsed) => pool(parsed),
};

async function pool(parsed: ParsedOptions): Promise<number> {
  const size = numberOf(parsed, "size", SIZE_MAX) ?? SIZE;
  const idleSeconds = numberOf(parsed, "idle", 86_400);
  const path = parsed.last("socket") ?? poolSocketPath();
  const interrupts = catchInterrupts();
  const cells = await cellsFor(parsed, interrupts);
  let hosts: HostPool | undefined;
  try {
    const stop = await servePool(cells, path);
    hosts = new HostPool({
      size,
      path: hostSocketPath(path),
      cells,
      ...(idleSeconds !== undefined && { idleSeconds }),
    });
    print(`zerovm pool: ${size} ${size === 1 ? "cell" : "cells"} at ${printable(path)}`);
    await ended(interrupts.signal);
    stop();
    complain("zerovm pool: ended");
    return 0;
  } finally {
    hosts?.close();
    cells.close();
    interrupts.release();
  }
}

/**
 * Hosts take their cells out of it: one more waits, for the next of them and for commands that have
 * no host.
 */
async function cellsFor(parsed: ParsedOptions, interrupts: Interrupts): Promise<CellPool> {
  const [program, ...args] = parsed.operands;
  const isPrepared = parsed.has("prepare");
  if (program === undefined) return cellsForAny(parsed);
  refuse(parsed, isPrepared ? NOT_PREPARED : PREPARE_SETTINGS, isPrepared ? "not for" : "for");
  if (args.length > 0 && !isPrepared) {
    throw new ZvmError("ZVM_USAGE", "zerovm pool takes one PROGRAM; see 'zerovm pool --help'");
  }
  const asked = { ...readRunOptions(parsed), signal: interrupts.signal };
  return isPrepared ? await preparedFor(asked) : await compiledFor(program, asked);
}

function cellsForAny(parsed: ParsedOptions): CellPool {
  const given = ["prepare", ...PROGRAM_SETTINGS, ...PREPARE_SETTINGS].find((it) => parsed.has(it));
  if (given === undefined) return new CellPool({ size: 1 });
  throw new ZvmError("ZVM_USAGE", `zerovm pool: --${given} is for a PROGRAM; name one`);
}

function refuse(parsed: ParsedOptions, names: readonly string[], relation: string): void {
  const given = names.find((name) => parsed.has(name));
  if (given === undefined) return;
  throw new ZvmError("ZVM_USAGE", `zerovm pool: --${given} is ${relation} --prepare`);
}

async function preparedFor(options: RunOptions): Promise<CellPool> {
  const { stdin: _in, stdout: _out, stderr: _err, interactive: _i, dryRun: _d, ...asked } = options;
  const { verify: _v, isolation: _isolation, ...prepared } = asked;
  return await preparedPool({ ...prepared, size: 1 });
}

async function compiledFor(program: string, options: RunOptions): Promise<CellPool> {
  const { memoryBytes, fuel, limits, runtimes, signal } = options;
  return await programPool({
    program,
    size: 1,
    ...(signal !== undefined && { signal }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(fuel !== undefined && { fuel }),
    ...(limits !== undefined && { limits }),
    ...(runtimes !== undefined && { runtimes }),
  });
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function numberOf(parsed: ParsedOptions, name: string, max: number): number | undefined {
  const text = parsed.last(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
  throw new ZvmError("ZVM_USAGE", `--${name} is a number from 1 to ${max}, not '${text}'`);
}
