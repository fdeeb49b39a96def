/**
 * Whether a host may stand in for a client: what the kernel says of both has to be the same,
 * wherever it could be seen in what the command does.
 */
import { closeSync, openSync, readlinkSync, readSync, statSync } from "node:fs";

/** What a process may do and sees, as texts to compare. */
export type Standing = readonly string[];

/** Programs, files and other processes have the same names in these. */
const NAMESPACES = ["mnt", "pid", "user", "net"];

const STATUS_LINES =
  /^(?:Uid|Gid|Groups|Cap\w+|NoNewPrivs|Seccomp|Cpus_allowed|Mems_allowed):.*$/gm;

/**
 * @param pid a process, or `self`
 * @throws Error when it is gone, or not ours to look at
 */
export function standingOf(pid: number | "self"): Standing {
  const folder = `/proc/${pid}`;
  const status = textOf(`${folder}/status`);
  return [
    readlinkSync(`${folder}/exe`),
    readlinkSync(`${folder}/root`),
    ...NAMESPACES.map((name) => readlinkSync(`${folder}/ns/${name}`)),
    ...(status.match(STATUS_LINES) ?? []),
    textOf(`${folder}/limits`),
    schedulingOf(textOf(`${folder}/stat`)),
  ];
}

/** More than the system takes for the arguments and the environment of a program by default. */
const TEXT_BYTES_MAX = 2 ** 23;
const PIECE_BYTES = 65_536;
const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);

/** Most such files come in one piece, and a shorter one is the last. */
function textOf(path: string): string {
  const fd = openSync(path, "r");
  try {
    let sizeBytes = readSync(fd, piece);
    if (sizeBytes === 0 || sizeBytes < PAGE_BYTES) return piece.toString("utf8", 0, sizeBytes);
    const pieces: Buffer[] = [];
    for (let all = 0; sizeBytes > 0; sizeBytes = readSync(fd, piece)) {
      all += sizeBytes;
      if (all > TEXT_BYTES_MAX) throw new RangeError(`${path} is too long`);
      pieces.push(Buffer.from(piece.subarray(0, sizeBytes)));
    }
    return Buffer.concat(pieces).toString("utf8");
  } finally {
    closeSync(fd);
  }
}

/** The system may give less than it has at the end of each of these. */
const PAGE_BYTES = 4096;

/** Nice value, priority in real time and policy: fields 19, 40 and 41 of proc(5). */
function schedulingOf(stat: string): string {
  // The name of the program can hold anything; after it come numbers, the first is the third.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [19, 40, 41].map((field) => fields[field - 3]).join(" ");
}

export function isSameStanding(one: Standing, other: Standing): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

/** What a client was started with. */
export interface Started {
  /** The words after the path of the command, and that path. */
  readonly argv: readonly string[];
  readonly script: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly umask: number;
  /** Numbers of the signals that it was told to ignore, as bits. */
  readonly ignored: bigint;
}

/** What a text has in place of bytes that are no UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * @returns undefined where a host cannot do the same as the process itself
 * @throws Error when it is gone, or not ours to look at
 */
export function startedWith(pid: number): Started | undefined {
  const folder = `/proc/${pid}`;
  const [, script, ...argv] = textsOf(textOf(`${folder}/cmdline`));
  if (script === undefined || script.startsWith("-") || !isForHosts(argv)) return undefined;
  const environment = environmentOf(textsOf(textOf(`${folder}/environ`)));
  if (!isEngineAlike(environment)) return undefined;
  if (argv[0] !== "run" && isOfOwnFiles(folder, argv)) return undefined;
  const status = textOf(`${folder}/status`);
  const umask = /^Umask:[ \t]*([0-7]+)$/m.exec(status)?.[1];
  const ignored = /^SigIgn:[ \t]*([0-9a-f]+)$/m.exec(status)?.[1];
  if (umask === undefined || ignored === undefined) return undefined;
  const signals = BigInt(`0x${ignored}`);
  return { argv, script, environment, umask: Number.parseInt(umask, 8), ignored: signals };
}

/** Each ends with a null byte. */
function textsOf(text: string): string[] {
  return text.split("\0").slice(0, -1);
}

/** Files that every process has others of, or only some; a path may be written in many ways. */
const OWN_FILES = /\/dev\/(?:.*\/)?(?:fd|tty)\b|\/proc\b/;
/** No manifest is larger. */
const MANIFEST_BYTES_MAX = 2 ** 20;

/**
 * A guest in the very process cannot hear of signals by other ways. Bytes that are no UTF-8 are
 * judged by who was given them.
 */
function isForHosts(argv: readonly string[]): boolean {
  return !argv.some((word) => {
    return word.startsWith("--isolation") || word.includes(REPLACEMENT) || OWN_FILES.test(word);
  });
}

/**
 * Whether a manifest among the words of a command may name files that only its process has: those
 * it was started with. What is read only once is left to whom it is for.
 */
function isOfOwnFiles(folder: string, argv: readonly string[]): boolean {
  return argv.some((word) => {
    if (word === "-") return true;
    const path = word.startsWith("/") ? word : `${folder}/cwd/${word}`;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || stats.isDirectory()) return false;
    if (!stats.isFile()) return true;
    return stats.size <= MANIFEST_BYTES_MAX && OWN_FILES.test(textOf(path));
  });
}

function environmentOf(entries: readonly string[]): Map<string, string> {
  const environment = new Map<string, string>();
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    const name = entry.slice(0, equals);
    // The first of several is the one that programs find.
    if (equals > 0 && !environment.has(name)) environment.set(name, entry.slice(equals + 1));
  }
  return environment;
}

/** With these the engine itself does something else, from its start on. */
const NEVER = ["NODE_OPTIONS", "NODE_V8_COVERAGE", "NODE_CHANNEL_FD"];
const ENGINE = /^(?:NODE_|LD_|UV_|OPENSSL_|SSL_|ICU_|GLIBC_|MALLOC_|TZ$)/;

const own = engineSettings(Object.entries(process.env));

function engineSettings(entries: Iterable<readonly [string, string | undefined]>): string {
  const settings = [...entries].filter(([name]) => ENGINE.test(name));
  return JSON.stringify(settings.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isEngineAlike(environment: ReadonlyMap<string, string>): boolean {
  if (NEVER.some((name) => environment.has(name))) return false;
  return engineSettings(environment) === own;
}
