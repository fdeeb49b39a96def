import { printable } from "../base/index.ts";

/**
 * How a job ended, in a word for people: a program that gave something else than 0 to exit did not
 * end well, whatever the server made of its output. Undefined where the server does not tell.
 */
export function endingOf(details: Readonly<Record<string, unknown>>): string | undefined {
  const { outcome, exitCode } = details;
  if (typeof outcome !== "string") return undefined;
  return outcome === "ok" ? (exitWord(exitCode) ?? "ok") : printable(outcome);
}

/** `exit 1`; undefined for 0 and for what is no code. */
export function exitWord(exitCode: unknown): string | undefined {
  return typeof exitCode === "number" && exitCode !== 0 ? `exit ${exitCode}` : undefined;
}
