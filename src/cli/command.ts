import { printable, ZvmError } from "../base/index.ts";
import { reasonOf } from "../zerovm/index.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

/** One command of the command line; every command is a file in `commands/`. */
export interface Command {
  readonly name: string;
  /** What comes after the name in the usage lines. */
  readonly usage: readonly string[];
  /** What it does, in a few sentences. */
  readonly description: string;
  readonly options: readonly OptionSpec[];
  /** What the first operand can be, for completion. */
  readonly words?: readonly string[];
  readonly examples: readonly Example[];
  /** Text that closes the help: exit status, formats. */
  readonly notes?: string;
  /** Options end at the first operand: what follows belongs to a guest. */
  readonly stopAtOperand?: boolean;
  /** Takes a whole command line of another grammar; undefined where it is an ordinary one. */
  takesAll?(argv: readonly string[]): Promise<number> | undefined;
  /** @returns the exit status. */
  run(parsed: ParsedOptions): Promise<number>;
}

/** A command before it is loaded. */
export interface Registered {
  readonly summary: string;
  /** Commands are loaded when they are called: a start costs only what it needs. */
  load(): Promise<Command>;
}

/** Commands by name. */
export type Registry = Readonly<Record<string, Registered>>;

export interface Example {
  readonly line: string;
  readonly does: string;
}

export const JSON_OPTION: OptionSpec = { name: "json", help: "Print JSON for programs" };

export const HELP_OPTION: OptionSpec = { name: "help", short: "h", help: "Show this help" };

/**
 * Prints to standard output. A reader that went away is no error of ours; any other reason why it
 * cannot be written ends us with a message, since output that was asked for is lost.
 */
export function print(text: string): void {
  written = true;
  standardOutput().write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Prints bytes as they are; resolves when more can be taken. */
export function printBytes(bytes: Uint8Array): Promise<void> {
  written = true;
  return new Promise((resolve) => standardOutput().write(bytes, () => resolve()));
}

let watched = false;
let written = false;

/** Whether anything was printed or complained about. */
export function hasWritten(): boolean {
  return written;
}

/**
 * The stream is made when it is first asked for, in three milliseconds. A reader that goes away
 * (`zerovm … | head`) ends us quietly, as it ends any program.
 */
function standardOutput(): NodeJS.WriteStream {
  if (!watched) {
    watched = true;
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      complain(`zerovm: cannot write to standard output: ${reasonOf(error)}`);
      process.exit(OUTPUT_STATUS);
    });
  }
  return process.stdout;
}

const OUTPUT_STATUS = 125;

/** A defect of ours, shown with its stack so that it can be reported. */
export const BUG_STATUS = 125;

/** A file as messages name it; `-` is standard input. */
export function shownFile(file: string): string {
  return file === "-" ? "<stdin>" : printable(file);
}

let complained = false;

/** Prints to standard error; where nobody reads it, nothing is left to be told. */
export function complain(text: string): void {
  standardError().write(text.endsWith("\n") ? text : `${text}\n`);
}

/**
 * Writes to standard error what was asked for there.
 * @throws ZvmError ZVM_FILE where it cannot be written
 */
export async function publish(what: string, text: string): Promise<void> {
  const cause = await new Promise<Error | null | undefined>((done) => {
    standardError().write(text.endsWith("\n") ? text : `${text}\n`, done);
  });
  if (cause === null || cause === undefined) return;
  const message = `Cannot write ${what} to standard error: ${reasonOf(cause)}`;
  throw new ZvmError("ZVM_FILE", message, { cause });
}

function standardError(): NodeJS.WriteStream {
  written = true;
  if (!complained) {
    complained = true;
    process.stderr.on("error", () => undefined);
  }
  return process.stderr;
}
