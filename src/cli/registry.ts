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
  ns: {
    summary: "Serve names to sessions on different hosts, so that they find each other",
    load: async () => (await import("./commands/ns.ts")).NS,
  },
  job: {
    summary: "Run a job of ZeroCloud over folders, or show its plan",
    load: async () => (await import("./commands/job.ts")).JOB,
  },
  serve: {
    summary: "Serve an object store with the Swift API on this machine",
    load: async () => (await import("./commands/serve.ts")).SERVE,
  },
  swift: {
    summary: "Run jobs inside a cluster of OpenStack Swift: coordinator and workers",
    load: async () => (await import("./commands/swift.ts")).SWIFT,
  },
  store: {
    summary: "Check an object store: name every damaged object",
    load: async () => (await import("./commands/store.ts")).STORE,
  },
  config: {
    summary: "Check or show the configuration of the server",
    load: async () => (await import("./commands/config.ts")).CONFIG,
  },
  new: {
    summary: "Begin an application of ZeroCloud: a project that packs and runs as it is",
    load: async () => (await import("./commands/new.ts")).NEW,
  },
  pack: {
    summary: "Pack an application into a bundle: the same files give the same bytes",
    load: async () => (await import("./commands/pack.ts")).PACK,
  },
  login: {
    summary: "Sign in to a server of ZeroCloud or Swift",
    load: async () => (await import("./commands/login.ts")).LOGIN,
  },
  ls: {
    summary: "List containers, or objects of a container",
    load: async () => (await import("./commands/ls.ts")).LS,
  },
  put: {
    summary: "Store files as objects",
    load: async () => (await import("./commands/put.ts")).PUT,
  },
  get: {
    summary: "Get objects into files; what was begun is gone on with",
    load: async () => (await import("./commands/get.ts")).GET,
  },
  cat: {
    summary: "Write objects to standard output",
    load: async () => (await import("./commands/cat.ts")).CAT,
  },
  rm: {
    summary: "Remove objects and containers",
    load: async () => (await import("./commands/rm.ts")).RM,
  },
  execute: {
    summary: "Have a server run a job, a bundle or a script",
    load: async () => (await import("./commands/execute.ts")).EXECUTE,
  },
  deploy: {
    summary: "Store a bundle so that it can be run, and answers requests",
    load: async () => (await import("./commands/deploy.ts")).DEPLOY,
  },
  ps: {
    summary: "List the jobs of a server, or end one",
    load: async () => (await import("./commands/ps.ts")).PS,
  },
  logs: {
    summary: "Show what became of a job, and its errors",
    load: async () => (await import("./commands/logs.ts")).LOGS,
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
