/** The command line in a process that is loaded before it knows its command: `bin/host.js`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { awaitClient, type Client, imaginedCell, keepAhead, leave } from "../zerovm/index.ts";
import { hasWritten } from "./command.ts";
import { dispatch, start } from "./dispatch.ts";
import { CLASSIC, REGISTRY } from "./registry.ts";

/** The commands that a client gives away, loaded before there is one. */
const COMMANDS = ["run", "exec"] as const;
/** Enough for the engine to have compiled all that a short session needs. */
const RUNS = 32;
/** Before this one the engine gets a moment to finish what it compiles beside the others. */
const LAST_RUNS_AT = 28;
const SETTLE_MS = 20;
/** Of the first of these runs; the program needs less. */
const MEMORY_MIB = 64;

async function live(): Promise<void> {
  for (const name of COMMANDS) await REGISTRY[name]?.load();
  await warmUp();
  const client = awaitClient();
  if (client === undefined) leave(0);
  await serve(client);
}

/** Engine code that was used is fast: a few sessions that come to nothing. */
async function warmUp(): Promise<void> {
  const program = join(import.meta.dirname, "warm.wasm");
  if (!existsSync(program)) return;
  for (let run = 0; run < RUNS; run += 1) {
    if (run === LAST_RUNS_AT) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const { cell, close } = imaginedCell();
    keepAhead(cell);
    // What the passes made of a program is remembered by its limits: each run has others.
    const memory = `${MEMORY_MIB + run}M`;
    const words = ["run", "--env", "NAME=value", "--memory", memory, program, "argument"];
    await dispatch(words, REGISTRY);
    close();
  }
}

async function serve(client: Client): Promise<void> {
  process.on("exit", (status) => client.leave(status));
  await start(REGISTRY, CLASSIC);
  // Text of ours may still be on its way, else nothing is left to wait for.
  if (hasWritten() && isWriting()) return;
  client.leave(Number(process.exitCode ?? 0));
}

function isWriting(): boolean {
  return process.stdout.writableLength + process.stderr.writableLength > 0;
}

void live();
