import { createRequire } from "node:module";
import type { Logger, pino as Pino } from "pino";
import { ZvmError } from "../../base/index.ts";
import type { FailureRecord, LogRecord } from "./records.ts";
import { pathOnly, scrub } from "./scrub.ts";
import { textLine } from "./text-line.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface LogOptions {
  readonly level: LogLevel;
  /** JSON, or text for people; `auto`: text where standard error is a terminal. */
  readonly form: "json" | "text" | "auto";
  /** Takes whole lines with their line feeds; standard error unless given. */
  readonly write?: (line: string) => void;
}

const STANDARD_ERROR_FD = 2;

/** Writes records as lines, at once: a line that was written is there when we are killed. */
export class Log {
  readonly #logger: Logger;

  constructor({ level, form, write }: LogOptions) {
    const pino = loadPino();
    const destination =
      write === undefined ? pino.destination({ fd: STANDARD_ERROR_FD, sync: true }) : { write };
    const isText = form === "text" || (form === "auto" && process.stderr.isTTY);
    const forPeople = { write: (line: string) => destination.write(textLine(line)) };
    const sink: { write(line: string): unknown } = isText ? forPeople : destination;
    // Where nobody reads standard error any more, there is nobody to be told.
    if ("on" in destination) destination.on("error", () => undefined);
    this.#logger = pino({ ...SHAPE, level }, sink);
  }

  write(record: LogRecord): void {
    const logger = this.#logger;
    switch (record.kind) {
      case "request": {
        const { kind, path, ...fields } = record;
        logger[levelOf(record.status)]({ kind, ...texts(fields), path: pathOnly(path) });
        break;
      }
      case "zerovm-cdr":
        logger.info(texts({ ...record }));
        break;
      case "event": {
        const { level, text, ...fields } = record;
        logger[level](texts(fields), scrub(text));
        break;
      }
      default: {
        const { text, cause: _, ...fields } = record;
        logger.error({ ...texts(fields), ...causeFields(record) }, scrub(text));
      }
    }
  }
}

const SHAPE: Pino.LoggerOptions = {
  // Neither the process nor the machine: who collects logs knows them.
  base: null,
  messageKey: "text",
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (level) => ({ level }) },
};

/** Of HTTP: what only another server does is a matter of whoever asked for it. */
const NOT_IMPLEMENTED = 501;
/** Of HTTP: whoever asked is to come again, as somebody has all that he may have. */
const BUSY = 503;

/** Operators look at errors: those are what the server could not do. */
function levelOf(status: number): "info" | "warn" | "error" {
  if (status < 500 || status === NOT_IMPLEMENTED) return "info";
  return status === BUSY ? "warn" : "error";
}

/** Loads the package when a server starts: no other command needs it. */
function loadPino(): typeof Pino {
  return createRequire(import.meta.filename)("pino") as typeof Pino;
}

function texts(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => {
    return [name, typeof value === "string" ? scrub(value) : value];
  });
  return Object.fromEntries(entries);
}

/** The stack of an error that has a code says nothing that its message does not. */
function causeFields({ cause }: FailureRecord): Readonly<Record<string, string>> {
  if (cause === undefined) return {};
  if (cause instanceof ZvmError) return { code: cause.code, cause: scrub(cause.message) };
  if (!(cause instanceof Error)) return { cause: scrub(String(cause)) };
  return { cause: scrub(cause.message), stack: scrub(cause.stack ?? "") };
}
