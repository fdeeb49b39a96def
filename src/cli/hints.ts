import { statSync } from "node:fs";
import { resolve } from "node:path";
import { printable, textOf } from "../base/index.ts";
import type { Report } from "../zerovm/index.ts";

const HINTS_MAX = 5;
const DEV = "/dev/";

/**
 * Names the options that would have granted what the guest asked for in vain: files that the
 * host has where the guest looked, seen from its root or from the current folder, and channels
 * that were granted for reading only.
 */
export function hints(report: Report, cwd: string): string[] {
  const failed = report.exitStatus !== 0;
  const found = new Set<string>();
  for (const { path, wanted } of report.denied) {
    const name = textOf(path);
    const hint = name.startsWith(DEV)
      ? deviceHint(name.slice(DEV.length), wanted)
      : fileHint(name, wanted, cwd, failed);
    if (hint !== undefined) found.add(hint);
    if (found.size === HINTS_MAX) break;
  }
  return [...found];
}

function deviceHint(name: string, wanted: "read" | "write"): string | undefined {
  if (wanted !== "write") return undefined;
  const shown = printable(name);
  return `the guest wanted to write /dev/${shown}: '-w PATH=${shown}' grants that`;
}

function fileHint(
  name: string,
  wanted: "read" | "write",
  cwd: string,
  failed: boolean,
): string | undefined {
  const relative = name.replace(/^\/+/, "");
  const here = resolve(cwd, relative);
  if (relative !== "" && isFile(here)) return grantHint(name, relative, wanted);
  const absolute = resolve("/", relative);
  if (!failed || SYSTEM_FOLDERS.test(absolute) || !isFile(absolute)) return undefined;
  return grantHint(name, absolute, wanted);
}

/** Interpreters look for files of the system all the time: not worth a word. */
const SYSTEM_FOLDERS = /^\/(bin|boot|dev|etc|lib|lib64|opt|proc|run|sbin|sys|usr|var)\//;

function grantHint(asked: string, path: string, wanted: "read" | "write"): string {
  const option = wanted === "read" ? "-r" : "-w";
  const shown = printable(path);
  const sign = wanted === "read" ? "@" : "@+";
  return (
    `the guest looked for ${printable(asked)}: '${option} ${shown}' grants it as ` +
    `/dev/${printable(path.slice(path.lastIndexOf("/") + 1))}, ` +
    `'${sign}${shown}' as an argument does both`
  );
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
