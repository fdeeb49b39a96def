import { ZvmError } from "../base/index.ts";
import { resolveConfig, type ServerConfig } from "../zerocloud/config/index.ts";
import { Log } from "../zerocloud/log/index.ts";
import { print } from "./command.ts";
import type { ParsedOptions } from "./options.ts";
import { readNamedText } from "./read-text.ts";
import { showFindings } from "./show-findings.ts";

/**
 * The configuration of a coordinator or worker.
 * @returns undefined where it has errors, which were shown
 */
export function swiftConfig(parsed: ParsedOptions): ServerConfig | undefined {
  const path = parsed.last("config");
  const { config, findings } = resolveConfig({
    ...(path !== undefined && {
      file: { path, text: Buffer.from(readNamedText(path)).toString("utf8") },
    }),
    environment: process.env,
    flags: {},
    folder: process.cwd(),
  });
  if (config === undefined) showFindings(path ?? "<options>", findings);
  return config;
}

export function logOf(config: ServerConfig): Log {
  const { "log.form": form, "log.level": level } = config;
  const auto = process.stderr.isTTY ? "text" : "json";
  return new Log({ level, form: form === "auto" ? auto : form });
}

/** Says in one line that it can be used. */
export function tellReady(what: string, socket: string, isJson: boolean): void {
  print(isJson ? JSON.stringify({ ready: what, socket }) : `The ${what} listens at ${socket}`);
}

export const SWIFT_FAILED_STATUS = 125;

export function setupError(flag: string, why: string, cause?: unknown): ZvmError {
  const options = cause === undefined ? {} : { cause };
  return new ZvmError("ZVM_SWIFT_SETUP", `--${flag}: ${why}`, options);
}
