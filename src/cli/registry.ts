import type { Registry } from "./command.ts";

/** Runs a command line of the original. @returns the exit status. */
export type Classic = (argv: readonly string[]) => Promise<number>;

/** Every command, in the order of the help. */
export const REGISTRY: Registry = {
  run: {
    summary: "Run a program with just what the options grant",
    load: async () => (await import("./commands/run.ts")).RUN,
  },
  freeze: {
    summary: "Run a program's initialiser once and keep what it made, as a program",
    load: async () => (await import("./commands/freeze.ts")).FREEZE,
  },
  exec: {
    summary: "Run a manifest file",
    load: async () => (await import("./commands/exec.ts")).EXEC,
  },
  check: {
    summary: "Check a manifest, nvram or job file: every finding with line and column",
    load: async () => (await import("./commands/check.ts")).CHECK,
  },
  validate: {
    summary: "Judge a nexe or module by its rules: every finding with its offset",
    load: async () => (await import("./commands/validate.ts")).VALIDATE,
  },
  cc: {
    summary: "Compile C to a nexe or a module with the system's compiler",
    load: async () => (await import("./commands/cc.ts")).CC,
  },
  inspect: {
    summary: "Show what a program needs or a tar holds",
    load: async () => (await import("./commands/inspect.ts")).INSPECT,
  },
  image: {
    summary: "Build, list and extend tar images",
    load: async () => (await import("./commands/image.ts")).IMAGE,
  },
  runtime: {
    summary: "Programs by name: list, add, remove",
    load: async () => (await import("./commands/runtime.ts")).RUNTIME,
  },
  replay: {
    summary: "Run a recorded session again, from its record alone",
    load: async () => (await import("./commands/replay.ts")).REPLAY,
  },
  pool: {
    summary: "Keep warm cells, so that commands start sooner",
    load: async () => (await import("./commands/pool.ts")).POOL,
  },
  job: {
    summary: "Run a job of ZeroCloud over folders, or show its plan",
    load: async () => (await import("./commands/job.ts")).JOB,
  },
  serve: {
    summary: "Serve an object store with the Swift API on this machine",
    load: async () => (await import("./commands/serve.ts")).SERVE,
  },
  store: {
    summary: "Check an object store: name every damaged object",
    load: async () => (await import("./commands/store.ts")).STORE,
  },
  config: {
    summary: "Check or show the configuration of the server",
    load: async () => (await import("./commands/config.ts")).CONFIG,
  },
  doctor: {
    summary: "Try what this system can enforce, and say what is missing",
    load: async () => (await import("./commands/doctor.ts")).DOCTOR,
  },
  completion: {
    summary: "Print a completion script for bash, zsh or fish",
    load: async () => (await import("./commands/completion.ts")).completionOf(REGISTRY),
  },
};

/** The command line of the original, which knew no commands. */
export const CLASSIC: Classic = async (argv) => {
  const { runClassic } = await import("./classic.ts");
  return await runClassic(argv);
};
