import { spawnSync } from "node:child_process";
import { NEXE_POLICIES, type NexePolicy, readNexe } from "../../src/nacl/elf/index.ts";
import { validate } from "../../src/nacl/validator/index.ts";
import { runTranslated } from "../../test/support/translated-guest.ts";
import type { NativeRun } from "./compiled.ts";

/** What the validator has against a program under any of some policies, warnings as well. */
export function findingsOf(
  file: Uint8Array,
  policies: readonly NexePolicy[] = NEXE_POLICIES,
): string[] {
  return policies.flatMap((policy) => {
    const { fileOffset, fileBytes } = readNexe(file, policy).text;
    const verdict = validate(file.subarray(fileOffset, fileOffset + fileBytes), { policy });
    return [...verdict.findings, ...verdict.warnings].map(
      ({ offset, reason }) => `${policy}: ${offset?.toString(16)}: ${reason}`,
    );
  });
}

/** Whether a line is what it should be. */
export type LineCheck = (wanted: string, found: string | undefined) => boolean;

const areEqual: LineCheck = (wanted, found) => wanted === found;

/** How a program differs from its native twin when it is translated here; undefined if not. */
export function translatedDifference(
  file: Uint8Array,
  native: NativeRun,
  areSame?: LineCheck,
  policy?: NexePolicy,
): string | undefined {
  const run = runTranslated(file, policy);
  if (run.exitCode === undefined) return `ended by ${run.trap ?? `fault ${run.fault?.join(", ")}`}`;
  const stdout = Buffer.from(run.written).toString("latin1");
  return difference(native, { status: run.exitCode, stdout }, areSame);
}

/** A program in a session, with `zerovm run` and words for it. */
export function runInSession(
  words: readonly string[],
  input: string,
): NativeRun & { readonly stderr: string } {
  return spawnSync(process.execPath, ["bin/zerovm.js", "run", ...words], {
    input,
    encoding: "latin1",
  });
}

/** The same in a session, with `zerovm run`, of a program of any kind at a path. */
export function sessionDifference(
  native: NativeRun,
  place: string,
  input: string,
  areSame?: LineCheck,
): string | undefined {
  const run = runInSession([place], input);
  return difference(native, run, areSame) ?? (run.stderr === "" ? undefined : run.stderr);
}

/** How two runs differ; undefined if not. */
export function difference(
  native: NativeRun,
  found: NativeRun,
  areSame = areEqual,
): string | undefined {
  const wanted = native.stdout.split("\n");
  const lines = found.stdout.split("\n");
  const at = wanted.findIndex((line, index) => !areSame(line, lines[index]));
  if (at >= 0) return `line ${at + 1} is "${lines[at] ?? ""}" and not "${wanted[at]}"`;
  if (lines.length > wanted.length) return `${lines.length - wanted.length} lines too many`;
  if (found.status === native.status) return undefined;
  return `status ${found.status} and not ${native.status}`;
}
