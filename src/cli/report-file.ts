import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  type Stats,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { printable, textOf, ZvmError } from "../base/index.ts";
import { identityOf, type Manifest, reasonOf } from "../zerovm/index.ts";

/** Where `--report-file` has the report written. */
export interface ReportFile {
  /** @throws ZvmError ZVM_FILE that names the file. */
  write(text: string): Promise<void>;
}

/** Who starts a reader beside us may be a little later than we are. */
const READER_WAIT_MS = 2000;
/** A reader that takes nothing for so long is none. */
const STILL_MS_MAX = 10_000;
const PAUSE_MS = 10;

/**
 * Whether the report can be written where it shall be; asked before anything runs. A named pipe
 * is opened at once, since opening one that nobody reads would never end.
 *
 * @throws ZvmError ZVM_FILE that names the file.
 */
export async function openReportFile(file: string): Promise<ReportFile> {
  return await naming(file, async () => {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFIFO() === true) return pipeFile(file, await openPipe(file));
    const fd = STANDARD_FDS.get(file);
    // Opening a redirected stream by its name would empty what the guest wrote to it.
    if (fd !== undefined && fstatSync(fd).isFile()) {
      return { write: (text) => naming(file, () => writeFileSync(fd, text)) };
    }
    checkAccess(file, stats);
    return { write: (text) => naming(file, () => writeFileSync(file, text)) };
  });
}

const STANDARD_FDS: ReadonlyMap<string, number> = new Map([
  ["/dev/stdout", 1],
  ["/dev/stderr", 2],
]);

/** A file that a session reads or writes, and what it is there. */
export interface NeededFile {
  readonly role: string;
  readonly path: string;
}

/**
 * Whether the report would destroy a file of its session, or what a standard stream was
 * redirected to or from; asked before anything runs.
 *
 * @throws ZvmError ZVM_FILE that names the file and what it is.
 */
export function judgeReportFile(file: string, needed: readonly NeededFile[]): void {
  if (STANDARD_FDS.has(file)) return;
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) return;
  const streams = STREAMS.map((role, fd) => ({ role, path: `/proc/self/fd/${fd}` }));
  refuseSame("the report", file, [...streams, ...needed]);
}

/**
 * As `judgeReportFile`, for a file that the times of a session are put at the end of.
 * @throws ZvmError ZVM_FILE, also where it could not be written; nothing is made
 */
export function judgeTraceFile(file: string, needed: readonly NeededFile[]): void {
  let stats: Stats | undefined;
  try {
    stats = statSync(file, { throwIfNoEntry: false });
    checkAccess(file, stats);
  } catch (cause) {
    const message = `Cannot write the trace to ${printable(file)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
  if (stats === undefined || stats.isFile()) refuseSame("the trace", file, needed);
}

function refuseSame(what: string, file: string, needed: readonly NeededFile[]): void {
  const identity = identityOf(file);
  const other = needed.find(({ path }) => identityOf(path) === identity);
  if (other === undefined) return;
  const message =
    `Cannot write ${what} to ${printable(file)}: the same file is ${printable(other.role)}, ` +
    "which writing would destroy";
  throw new ZvmError("ZVM_FILE", message);
}

const STREAMS = ["standard input", "standard output", "standard error"];

/** The files of the host that a manifest names. */
export function filesOf({ program, channels }: Manifest): NeededFile[] {
  const sources = channels.flatMap((channel) =>
    channel.sources.flatMap((source) =>
      source.kind === "path"
        ? [{ role: `the source of ${textOf(channel.alias)}`, path: source.path }]
        : [],
    ),
  );
  return [{ role: "the program", path: program }, ...sources];
}

function checkAccess(file: string, stats: Stats | undefined): void {
  if (stats?.isDirectory() === true) throw new Error("it is a folder");
  if (stats === undefined) accessSync(dirname(file), constants.W_OK | constants.X_OK);
  else accessSync(file, constants.W_OK);
}

async function openPipe(file: string): Promise<number> {
  const flags = constants.O_WRONLY | constants.O_NONBLOCK;
  for (let leftMs = READER_WAIT_MS; ; leftMs -= PAUSE_MS) {
    try {
      return openSync(file, flags);
    } catch (error) {
      if (codeOf(error) !== "ENXIO") throw error;
      if (leftMs <= 0) throw new Error("nobody reads this named pipe; start its reader first");
    }
    await pause();
  }
}

function pipeFile(file: string, fd: number): ReportFile {
  return {
    write: (text) =>
      naming(file, async () => {
        try {
          await writePipe(fd, Buffer.from(text));
        } finally {
          closeSync(fd);
        }
      }),
  };
}

async function writePipe(fd: number, bytes: Uint8Array): Promise<void> {
  let stillMs = 0;
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
      stillMs = 0;
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
      stillMs += PAUSE_MS;
      if (stillMs > STILL_MS_MAX) throw new Error("the reader of this named pipe takes nothing");
      await pause();
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

async function naming<Result>(file: string, work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const message = `Cannot write the report to ${printable(file)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
