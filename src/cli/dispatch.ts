import { existsSync } from "node:fs";
import {
  formatDiagnostic,
  nearestName,
  printable,
  VERSION,
  withHintsOnce,
  ZvmError,
} from "../base/index.ts";
import { BUG_STATUS, complain, HELP_OPTION, print, type Registry } from "./command.ts";
import { parseOptions } from "./options.ts";
import { judgeRawArguments, REPLACEMENT } from "./raw-arguments.ts";
import type { Classic } from "./registry.ts";

const USAGE_STATUS = 125;

/**
 * Dispatches one command line to the commands of `registry`, and one of the original to `classic`.
 * @returns the exit status
 */
export async function dispatch(
  argv: readonly string[],
  registry: Registry,
  classic?: Classic,
): Promise<number> {
  const [name, ...rest] = argv;
  try {
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
      return await help(name === "help" ? rest[0] : undefined, name === undefined, registry);
    }
    if (name === "--version") {
      print(VERSION);
      return 0;
    }
    const registered = Object.hasOwn(registry, name) ? registry[name] : undefined;
    if (registered !== undefined) return await runCommand(registered.load, rest);
    if (classic !== undefined && looksClassic(argv)) return await classic(argv);
    return unknownCommand(name, registry);
  } catch (error) {
    return fail(error);
  }
}

type Load = Registry[string]["load"];

async function runCommand(load: Load, argv: readonly string[]): Promise<number> {
  const command = await load();
  const taken = command.takesAll?.(argv);
  if (taken !== undefined) return taken;
  const parsed = parseOptions(command.name, [...command.options, HELP_OPTION], argv, {
    stopAtOperand: command.stopAtOperand === true,
  });
  if (!parsed.has("help")) return command.run(parsed);
  const { commandHelp } = await import("./help.ts");
  print(commandHelp(command));
  return 0;
}

async function help(name: string | undefined, asked: boolean, registry: Registry): Promise<number> {
  const { commandHelp, overallHelp } = await import("./help.ts");
  const isKnown = name === undefined || Object.hasOwn(registry, name);
  if (!isKnown) return unknownCommand(name, registry);
  const registered = name === undefined ? undefined : registry[name];
  const text =
    registered === undefined ? overallHelp(registry) : commandHelp(await registered.load());
  if (asked) complain(text);
  else print(text);
  return asked ? USAGE_STATUS : 0;
}

function unknownCommand(name: string, registry: Registry): number {
  const isProgram = !name.startsWith("-") && existsSync(name);
  const meant = nearestName(name, Object.keys(registry));
  const other =
    meant === undefined ? "'zerovm --help' lists them" : `did you mean 'zerovm ${meant}'?`;
  const advice = isProgram ? `'zerovm run ${printable(name)}' runs a program` : other;
  const what = name.startsWith("-") ? "option" : "command";
  complain(`zerovm: there is no ${what} '${printable(name)}'; ${advice}`);
  return USAGE_STATUS;
}

/** The original took a manifest and its switches in any order and knew no commands. */
function looksClassic(argv: readonly string[]): boolean {
  return argv.some((word) => word.endsWith(".manifest") || word.startsWith("-M"));
}

function fail(error: unknown): number {
  if (isFolderGone(error)) {
    complain("zerovm: the current folder does not exist any more: change to one that does");
    return USAGE_STATUS;
  }
  if (!(error instanceof ZvmError)) {
    complain(`zerovm: this is a defect of zerovm, please report it\n${stackOf(error)}`);
    return BUG_STATUS;
  }
  const errors = error.diagnostics.filter((found) => found.severity === "error");
  complain(error.message.startsWith("zerovm") ? error.message : `zerovm: ${error.message}`);
  for (const found of withHintsOnce(errors)) {
    // What the message says already is not said twice, but for how to mend it.
    const isSaid = error.message.includes(found.message);
    if (!isSaid) complain(`  ${formatDiagnostic("", found).replace(/^:\s*/, "")}`);
    else if (found.hint !== undefined) complain(`  ${found.hint}`);
  }
  return error.kind.exitStatus;
}

/** Node's own error, from wherever a relative path was made absolute. */
function isFolderGone(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && error.syscall === "uv_cwd";
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Dispatches the command line of this process, whose status is the exit status. Without a
 * top-level await, which only ES modules have: they start later than CommonJS.
 */
export async function start(registry: Registry, classic?: Classic): Promise<void> {
  const argv = process.argv.slice(2);
  process.exitCode = judged(argv) ?? (await dispatch(argv, registry, classic));
}

/** @returns the exit status where an argument did not come as it was typed. */
function judged(argv: readonly string[]): number | undefined {
  if (!argv.some((word) => word.includes(REPLACEMENT))) return undefined;
  try {
    judgeRawArguments(argv);
    return undefined;
  } catch (error) {
    return fail(error);
  }
}
