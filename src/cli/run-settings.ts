import {
  type HashName,
  LIMIT_TABLE,
  type LimitName,
  nearestName,
  printable,
  ZvmError,
} from "../base/index.ts";
import {
  type Isolation,
  parseFileGrant,
  parseFolderGrant,
  parseImageGrant,
  parseLimit,
  parseSize,
  type RunOptions,
  TIERS,
  type Tier,
} from "../zerovm/index.ts";
import { complain } from "./command.ts";
import { NETWORK_OPTIONS, networkOf } from "./network-options.ts";
import { NEXE_OPTIONS, nexeRulesOf } from "./nexe-options.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";
import { REPORT_OPTIONS } from "./present-report.ts";
import { readTimeout } from "./read-timeout.ts";

const HASHES: readonly HashName[] = ["sha256", "sha1", "md5"];

const ISOLATIONS: readonly Isolation[] = ["full", "weak", "none"];

/** How the engine comes to optimised code, in every command that runs a program. */
export const TIER_OPTION: OptionSpec = {
  name: "tier",
  value: "auto|optimise|dynamic",
  choices: TIERS,
  help: "Optimise what runs often, hot loops of main too (default), all before it runs, or no such loops",
};

/** What is to be done with a session besides running it. */
export const FURTHER_OPTIONS: readonly OptionSpec[] = [
  {
    name: "verify",
    help: "Run the session twice, the second time writing nowhere, and show the first difference",
  },
  {
    name: "record",
    value: "FILE",
    isPath: true,
    help: "Also write to FILE all that it takes to run the session again: zerovm replay FILE",
  },
];

/** The options of `zerovm run`, as its help shows them. */
export const RUN_SETTINGS: readonly OptionSpec[] = [
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
  ...NETWORK_OPTIONS,
  { name: "env", short: "e", value: "K=V", repeat: true, help: "Set an environment variable" },
  { name: "interactive", short: "i", help: "Talk to a terminal: reads give what was typed" },
  { name: "timeout", value: "SECONDS", help: "End the session after this wall time (default 50)" },
  {
    name: "fuel",
    value: "UNITS",
    help: "End the session after this much work, counted the same everywhere (default: none)",
  },
  { name: "memory", value: "SIZE", help: "Cap on linear memory, as 64M or 2G (default 4G)" },
  {
    name: "limit",
    value: "NAME=VALUE",
    repeat: true,
    starts: Object.keys(LIMIT_TABLE).map((name) => `${name}=`),
    help: `Set a limit: ${Object.keys(LIMIT_TABLE).join(", ")}`,
  },
  {
    name: "clock",
    value: "SECONDS|real",
    starts: ["real"],
    help: "Start of the virtual clock (default 0), or the host's",
  },
  {
    name: "seed",
    value: "N|real",
    starts: ["real"],
    help: "Seed of the entropy (default 0), or the host's",
  },
  {
    name: "etag",
    value: "sha256|sha1|md5",
    optionalValue: true,
    choices: HASHES,
    help: "Digests of all that passes the channels (default sha256)",
  },
  {
    name: "isolation",
    value: "full|weak|none",
    choices: ISOLATIONS,
    help: "Refuse without the main wall (default), use what there is, or run in this process",
  },
  TIER_OPTION,
  ...NEXE_OPTIONS,
  ...REPORT_OPTIONS,
  {
    name: "save",
    value: "DIR",
    isPath: true,
    help: "Also write the session to DIR as a manifest",
  },
  ...FURTHER_OPTIONS,
  { name: "dry-run", help: "Check everything, show what would be granted, and do not run it" },
];

/**
 * What the options and operands of a command line ask for.
 * @throws ZvmError ZVM_USAGE or ZVM_LIMIT naming the option that cannot be understood
 */
export function readRunOptions(parsed: ParsedOptions): RunOptions {
  const [program, ...args] = parsed.operands;
  if (program === undefined) {
    throw new ZvmError("ZVM_USAGE", "zerovm run: name a PROGRAM; see 'zerovm run --help'");
  }
  const memory = parsed.last("memory");
  const timeout = parsed.last("timeout");
  const clock = parsed.last("clock");
  const fuel = parsed.last("fuel");
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
    ...(timeout !== undefined && { timeoutSeconds: readTimeout(timeout, "--timeout") }),
    ...(fuel !== undefined && { fuel: readFuel(fuel) }),
    ...(clock !== undefined && { clock: clock === "real" ? clock : readClock(clock) }),
    ...(seed !== undefined && { seed: seed === "real" ? seed : readSeed(seed) }),
    ...networkOf(parsed),
    ...furtherOf(parsed),
    ...isolationOf(parsed),
    ...tierOf(parsed),
    ...nexeRulesOf(parsed),
    ...(parsed.has("etag") && {
      etag: HASHES.find((it) => it === parsed.last("etag")) ?? "sha256",
    }),
  };
}

/** What a command line asks for besides running the session. */
export function furtherOf(parsed: ParsedOptions): Pick<RunOptions, "verify" | "record"> {
  const record = parsed.last("record");
  return { verify: parsed.has("verify"), ...(record !== undefined && { record }) };
}

function isolationOf(parsed: ParsedOptions): Pick<RunOptions, "isolation"> {
  const isolation = ISOLATIONS.find((it) => it === parsed.last("isolation"));
  return isolation === undefined ? {} : { isolation };
}

/** The tier that a command line names. */
export function tierOf(parsed: ParsedOptions): { readonly tier?: Tier } {
  const tier = TIERS.find((it) => it === parsed.last("tier"));
  return tier === undefined ? {} : { tier };
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
      const names = Object.keys(LIMIT_TABLE);
      const meant = nearestName(text, names);
      const advice = meant === undefined ? "; there" : `; did you mean ${meant}? There`;
      const message = `There is no limit '${printable(text)}'${advice} are ${names.join(", ")}`;
      throw new ZvmError("ZVM_LIMIT", message);
    }
    limits[name] = readLimit(name, value, `--limit ${name}`);
  }
  return limits;
}

function readLimit(name: LimitName, text: string, option: string): number {
  if (name === "time") return readTimeout(text, option);
  const value = parseLimit(name, text);
  if (value === undefined) {
    const { unit, maximum } = LIMIT_TABLE[name];
    throw new ZvmError("ZVM_LIMIT", `${option} is ${unit} up to ${maximum}, not '${text}'`);
  }
  return value;
}

/** @throws ZvmError ZVM_LIMIT */
export function readMemory(text: string): number {
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

function readFuel(text: string): bigint {
  const units = /^\d{1,19}$/.test(text) ? BigInt(text) : 0n;
  if (units >= 1n && units < 2n ** 63n) return units;
  throw new ZvmError("ZVM_LIMIT", `--fuel is a number of units from 1 to 2^63-1, not '${text}'`);
}

function readSeed(text: string): bigint {
  const seed = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (seed >= 0n && seed < 2n ** 64n) return seed;
  throw new ZvmError("ZVM_USAGE", `--seed is a number below 2^64 or real, not '${text}'`);
}
