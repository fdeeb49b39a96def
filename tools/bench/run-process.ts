import { spawnSync } from "node:child_process";

/** A command to be timed as a whole process. */
export interface Command {
  readonly name: string;
  /** Program and arguments. */
  readonly words: readonly string[];
  /** Where it runs; the current folder unless given. */
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it must write to standard output; a wrong answer has no time. */
  readonly expects?: string;
  /** Time that the system gets before, for what the last one left to be done; none unless given. */
  readonly pauseMs?: number;
}

export interface Ran {
  readonly wallMs: number;
  readonly output: Buffer;
  readonly errors: string;
}

/** Runs a command to its end. @throws Error when it fails or says something else. */
export function runProcess(command: Command): Ran {
  const { name, words, cwd, env, expects } = command;
  const [program = "", ...args] = words;
  const startNs = process.hrtime.bigint();
  const run = spawnSync(program, args, {
    env: { ...plainEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd !== undefined && { cwd }),
  });
  const wallMs = Number(process.hrtime.bigint() - startNs) / 1e6;
  const errors = run.stderr?.toString() ?? "";
  const output = run.stdout ?? Buffer.alloc(0);
  if (run.error !== undefined || run.status !== 0) {
    throw new Error(`${name} ended with ${run.status ?? run.error}: ${errors.slice(0, 500)}`);
  }
  if (expects !== undefined && output.toString() !== expects) {
    throw new Error(`${name} wrote ${JSON.stringify(output.toString().slice(0, 200))}`);
  }
  return { wallMs, output, errors };
}

/** Settings of the caller that change how long Node takes to start. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...env } = process.env;
  return env;
}

/**
 * Times commands in turns, A B A B; the first turn warms the caches of the system and does not
 * count.
 * @returns milliseconds by the name of the command
 */
export function timeInTurns(
  commands: readonly Command[],
  rounds: number,
): ReadonlyMap<string, number[]> {
  const samples = new Map(commands.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const command of commands) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, command.pauseMs ?? 0);
      const { wallMs } = runProcess(command);
      if (round > 0) samples.get(command.name)?.push(wallMs);
    }
  }
  return samples;
}
