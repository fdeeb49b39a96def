import {
  type HashName,
  LIMIT_TABLE,
  type LimitName,
  printable,
  textOf,
  ZvmError,
} from "../../base/index.ts";
import {
  buildPlan,
  formatManifest,
  type Plan,
  parseFileGrant,
  parseFolderGrant,
  parseImageGrant,
  parseLimit,
  parseSize,
  type Report,
  type RunOptions,
  resolveProgram,
  runPlan,
  savePlan,
} from "../../zerovm/index.ts";
import { type Command, complain, print } from "../command.ts";
import { catchInterrupts } from "../interrupt.ts";
import type { OptionSpec, ParsedOptions } from "../options.ts";
import { presentReport, REPORT_OPTIONS, reportFileOf, statusOf } from "../present-report.ts";

const HASHES: readonly HashName[] = ["sha256", "sha1", "md5"];

const OPTIONS: readonly OptionSpec[] = [
  {
    name: "read",
    short: "r",
    value: "PATH[=ALIAS]",
    repeat: true,
    isPath: true,
    help: "Grant a file for reading, as /dev/BASENAME or ALIAS",
  },
  {
    name: "write",
    short: "w",
    value: "PATH[=ALIAS]",
    repeat: true,
    isPath: true,
    help: "Grant a file for reading and writing; made if it is missing, not cut at the start",
  },
  {
    name: "dir",
    value: "HOST[:GUEST][:ro|cow|rw]",
    repeat: true,
    isPath: true,
    help: "Grant a snapshot of a folder: no changes, changes gone at the end (default), or brought back",
  },
  {
    name: "image",
    value: "TAR[:MOUNT[:ro|cow|export]]",
    repeat: true,
    isPath: true,
    help: "Mount a tar, on / unless said otherwise; or write the directory MOUNT to it at the end",
  },
  {
    name: "channel",
    short: "c",
    value: "FIELDS",
    repeat: true,
    help: "Declare a channel: URI,ALIAS,TYPE,ETAG,GETS,GET_SIZE,PUTS,PUT_SIZE",
  },
  { name: "env", short: "e", value: "K=V", repeat: true, help: "Set an environment variable" },
  { name: "interactive", short: "i", help: "Talk to a terminal: reads give what was typed" },
  { name: "timeout", value: "SECONDS", help: "End the session after this wall time (default 50)" },
  { name: "memory", value: "SIZE", help: "Cap on linear memory, as 64M or 2G (default 4G)" },
  {
    name: "limit",
    value: "NAME=VALUE",
    repeat: true,
    help: `Set a limit: ${Object.keys(LIMIT_TABLE).join(", ")}`,
  },
  {
    name: "clock",
    value: "SECONDS|real",
    help: "Start of the virtual clock (default 0), or the host's",
  },
  { name: "seed", value: "N|real", help: "Seed of the entropy (default 0), or the host's" },
  {
    name: "etag",
    value: "sha256|sha1|md5",
    optionalValue: true,
    choices: HASHES,
    help: "Digests of all that passes the channels (default sha256)",
  },
  ...REPORT_OPTIONS,
  {
    name: "save",
    value: "DIR",
    isPath: true,
    help: "Also write the session to DIR as a manifest",
  },
  { name: "dry-run", help: "Check everything, show what would be granted, and do not run it" },
];

/** `zerovm run`. */
export const RUN: Command = {
  name: "run",
  usage: ["[options] PROGRAM [ARG…]"],
  description:
    "Runs a program with just what the options grant. PROGRAM is a .wasm file or the name of a\n" +
    "runtime (zerovm runtime ls). In arguments @FILE grants FILE for reading and becomes its name\n" +
    "inside, @+FILE grants creating or writing it, @@ is a literal @. The first argument of python,\n" +
    "php and ruby, where it is a file, is granted for reading: it is the script.",
  options: OPTIONS,
  stopAtOperand: true,
  examples: [
    {
      line: "zerovm run python -c 'import os; print(os.listdir(\"/\"))'",
      does: "a small world of its own",
    },
    {
      line: "zerovm run python report.py @sales.csv @+summary.txt",
      does: "a script that reads one file and writes another",
    },
    {
      line: "zerovm run --timeout 2 --memory 64M --report=json tool.wasm < input > output",
      does: "limits, and the report as JSON on standard error",
    },
    {
      line: "zerovm run --dir project:/src:ro --image out.tar:/out:export build.wasm",
      does: "a folder to read, and a directory that comes out as a tar",
    },
  ],
  notes: `Exit status: the guest's own; 124 time or stack limit; 125 our own or the host's error;
126 program refused; 127 program not found; 132 illegal instruction, 136 division, 139 memory.`,
  run: async (parsed) => runCommand(parsed),
};

async function runCommand(parsed: ParsedOptions): Promise<number> {
  const interrupts = catchInterrupts();
  try {
    const options = { ...readOptions(parsed), signal: interrupts.signal };
    const file = await reportFileOf(parsed);
    const program = await resolveProgram(options.program, {
      ...options.runtimes,
      signal: interrupts.signal,
    });
    const plan = buildPlan(options, program);
    const report = await judgeAndRun(parsed, plan, options);
    await presentReport(report, parsed, { kind: "program", name: options.program }, file);
    return statusOf(report, interrupts);
  } catch (error) {
    const status = interrupts.status();
    if (status === undefined || !(error instanceof ZvmError)) throw error;
    complain("zerovm: interrupted");
    return status;
  } finally {
    interrupts.release();
  }
}

/** With `--dry-run` and `--save` everything is judged first, and shown or saved if it passed. */
async function judgeAndRun(
  parsed: ParsedOptions,
  plan: Plan,
  options: RunOptions,
): Promise<Report> {
  const folder = parsed.last("save");
  const isDry = parsed.has("dry-run");
  if (folder === undefined && !isDry) return (await runPlan(plan, options)).report;
  const { report } = await runPlan(plan, { ...options, dryRun: true });
  if (report.outcome.kind === "refused") return report;
  if (isDry) showPlan(plan);
  if (folder === undefined) return report;
  const saved = savePlan(plan, folder);
  complain(`zerovm: saved as ${printable(saved.path)}`);
  return isDry ? report : (await runPlan(saved.plan, options)).report;
}

function readOptions(parsed: ParsedOptions): RunOptions {
  const [program, ...args] = parsed.operands;
  if (program === undefined) {
    throw new ZvmError("ZVM_USAGE", "zerovm run: name a PROGRAM; see 'zerovm run --help'");
  }
  const memory = parsed.last("memory");
  const timeout = parsed.last("timeout");
  const clock = parsed.last("clock");
  const seed = parsed.last("seed");
  return {
    program,
    args,
    env: readEnvironment(parsed.all("env")),
    read: parsed.all("read").map(parseFileGrant),
    write: parsed.all("write").map(parseFileGrant),
    folders: parsed.all("dir").map(parseFolderGrant),
    images: parsed.all("image").map(parseImageGrant),
    channels: parsed.all("channel"),
    limits: readLimits(parsed.all("limit")),
    interactive: parsed.has("interactive"),
    dryRun: parsed.has("dry-run"),
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
    runtimes: { onFetch: (message) => complain(`zerovm: ${message}`) },
    ...(memory !== undefined && { memoryBytes: readMemory(memory) }),
    ...(timeout !== undefined && { timeoutSeconds: readLimit("time", timeout, "--timeout") }),
    ...(clock !== undefined && { clock: clock === "real" ? clock : readClock(clock) }),
    ...(seed !== undefined && { seed: seed === "real" ? seed : readSeed(seed) }),
    ...(parsed.has("etag") && {
      etag: HASHES.find((it) => it === parsed.last("etag")) ?? "sha256",
    }),
  };
}

function readEnvironment(settings: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const setting of settings) {
    const equals = setting.indexOf("=");
    if (equals <= 0) throw new ZvmError("ZVM_USAGE", `--env is NAME=VALUE, not '${setting}'`);
    env[setting.slice(0, equals)] = setting.slice(equals + 1);
  }
  return env;
}

function readLimits(settings: readonly string[]): Partial<Record<LimitName, number>> {
  const limits: Partial<Record<LimitName, number>> = {};
  for (const setting of settings) {
    const equals = setting.indexOf("=");
    if (equals < 0) throw new ZvmError("ZVM_USAGE", `--limit is NAME=VALUE, not '${setting}'`);
    const text = setting.slice(0, equals);
    const value = setting.slice(equals + 1);
    const name = (Object.keys(LIMIT_TABLE) as LimitName[]).find((known) => known === text);
    if (name === undefined) {
      const names = Object.keys(LIMIT_TABLE).join(", ");
      throw new ZvmError("ZVM_LIMIT", `There is no limit '${text}'; there are ${names}`);
    }
    limits[name] = readLimit(name, value, `--limit ${name}`);
  }
  return limits;
}

function readLimit(name: LimitName, text: string, option: string): number {
  const value = parseLimit(name, text);
  // A session without any time is no session.
  if (value === undefined || (name === "time" && value === 0)) {
    const { unit, maximum } = LIMIT_TABLE[name];
    throw new ZvmError("ZVM_LIMIT", `${option} is ${unit} up to ${maximum}, not '${text}'`);
  }
  return value;
}

function readMemory(text: string): number {
  const value = parseSize(text);
  const { maximum } = LIMIT_TABLE.memory;
  if (value === undefined || value < 1n || value > BigInt(maximum)) {
    throw new ZvmError("ZVM_LIMIT", `--memory is a size up to 4G, not '${text}'`);
  }
  return Number(value);
}

const CLOCK_SECONDS_MAX = 2 ** 32 - 1;

function readClock(text: string): number {
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= CLOCK_SECONDS_MAX) return seconds;
  throw new ZvmError(
    "ZVM_USAGE",
    `--clock is seconds up to ${CLOCK_SECONDS_MAX} or real, not '${text}'`,
  );
}

function readSeed(text: string): bigint {
  const seed = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (seed >= 0n && seed < 2n ** 64n) return seed;
  throw new ZvmError("ZVM_USAGE", `--seed is a number below 2^64 or real, not '${text}'`);
}

function showPlan({ manifest, folders }: Plan): void {
  print(planText(manifest));
  for (const { host, guest, mode } of folders) {
    print(`# folder ${printable(host)} at ${printable(guest)}, ${mode}`);
  }
}

/** The manifest, or what can be said where its text form cannot hold it. */
function planText(manifest: Plan["manifest"]): string {
  try {
    return formatManifest(manifest);
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    const lines = manifest.channels.map(({ alias, sources }) => {
      const paths = sources.map((source) => (source.kind === "path" ? source.path : source.text));
      return `# channel ${printable(textOf(alias))}: ${printable(paths.join("; "))}`;
    });
    return [`# ${printable(error.message)}`, ...lines].join("\n");
  }
}
