import { statSync } from "node:fs";
import { resolve } from "node:path";
import { printable, textOf } from "../base/index.ts";
import { isNexe, type Manifest, type Report } from "../zerovm/index.ts";
import { channelLimitText, isChannelLimit } from "./limit-words.ts";

const HINTS_MAX = 5;
const DEV = "/dev/";

type Wanted = Report["denied"][number]["wanted"];

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
      ? deviceHint(name.slice(DEV.length), wanted, cwd, failed)
      : fileHint(name, wanted, cwd, failed);
    if (hint !== undefined) found.add(hint);
    if (found.size === HINTS_MAX) break;
  }
  return [...found, ...(failed ? limitHints(report) : [])];
}

/** A guest sees no more of a limit than an errno, which may be called an invalid argument. */
function limitHints({ hits }: Report): string[] {
  return hits.flatMap(({ limit, channel }) => {
    if (channel === undefined || !isChannelLimit(limit)) return [];
    return [channelLimitText(textOf(channel), limit)];
  });
}

/**
 * What `-i` would have done for a guest that read from a terminal without it: programs that talk
 * to people ask whether there is one.
 */
export function terminalHint({ interactive, channels }: Report): string | undefined {
  const reads = channels.find(({ alias }) => alias === "/dev/stdin")?.gets ?? 0;
  if (!interactive || reads === 0) return undefined;
  return "the guest read from the terminal and was not told that it is one: -i tells it";
}

/** So much is digested in some seconds. */
const QUICK_BYTES = 2 ** 28;

/**
 * Why a session ends later than its program: the etag of a nexe's memory covers all that the
 * manifest gives, also what was never used. To be said before it starts.
 */
export function etagHint({ memory, program }: Manifest): string | undefined {
  if (!memory.etag || memory.sizeBytes <= QUICK_BYTES || !isNexe(program)) return undefined;
  const size = `${(memory.sizeBytes / 2 ** 30).toFixed(1)} GiB`;
  return (
    `the etag of a nexe's memory is a digest of all ${size} of it, which may take a minute: ` +
    "--memory 64M gives it less"
  );
}

/** Everything in `/dev` is a channel: a file of that name here is what was probably meant. */
function deviceHint(
  name: string,
  wanted: Wanted,
  cwd: string,
  failed: boolean,
): string | undefined {
  const asked = `the guest wanted to ${wanted} ${DEV}${printable(name)}`;
  if (isFile(resolve(cwd, name))) return `${asked}: ${option(wanted, name)} grants that`;
  // Many programs try to write first, and go on when they may only read.
  if (wanted === "read" || !failed) return undefined;
  return `${asked}: ${option(wanted, `PATH=${name}`)} grants that`;
}

function fileHint(name: string, wanted: Wanted, cwd: string, failed: boolean): string | undefined {
  const relative = name.replace(/^\/+/, "");
  if (relative === "") return undefined;
  const absolute = resolve("/", relative);
  const here = resolve(cwd, relative);
  if (here !== absolute && isFile(here)) return grantHint(name, relative, wanted);
  if (!failed || SYSTEM_FOLDERS.test(absolute) || !isFile(absolute)) return undefined;
  return grantHint(name, absolute, wanted);
}

/** Interpreters look for files of the system all the time: not worth a word. */
const SYSTEM_FOLDERS =
  /^\/(bin|boot|dev|etc|lib|lib32|lib64|libx32|opt|proc|run|sbin|sys|usr|var)\//;

function grantHint(asked: string, path: string, wanted: Wanted): string {
  const sign = wanted === "read" ? "@" : "@+";
  const inside = DEV + printable(path.slice(path.lastIndexOf("/") + 1));
  return (
    `the guest looked for ${printable(asked)}: ${option(wanted, path)} grants it as ${inside}, ` +
    `${quoted(sign + path)} as an argument does both`
  );
}

function option(wanted: Wanted, path: string): string {
  return `${wanted === "read" ? "-r" : "-w"} ${quoted(path)}`;
}

/** As a shell takes it; names come from the guest and may hold anything. */
function quoted(text: string): string {
  const shown = printable(text);
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
