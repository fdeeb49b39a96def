import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync, statfsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { ZEROVM } from "../../support/command-line.ts";

/** Over a folder that every system has and that the processes do not need. */
const PLACE = "/mnt";

/** A command that gives the one behind it a `TMPDIR` of so many bytes, which only it sees. */
export function onSmallDisk(bytes: number): readonly string[] {
  const script =
    'mount -t tmpfs -o size="$0" disk "$1" && export TMPDIR="$1" && shift && exec "$@"';
  return ["unshare", "-m", "sh", "-c", script, String(bytes), PLACE];
}

/** What a process has on its small disk, in files with a name and without. */
export function usedBytesOf(pid: number): number {
  const { blocks, bfree, bsize } = statfsSync(`/proc/${pid}/root${PLACE}`);
  return (blocks - bfree) * bsize;
}

/** Files without a name that a process has open on its small disk. */
export function openFilesOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder)
    .map((fd) => readlinkSync(`${folder}/${fd}`))
    .filter((path) => path.startsWith(`${PLACE}/`));
}

/** A coordinator or worker of the built command line, maybe on a small disk. */
export class PartOfCluster {
  readonly log: Promise<string>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.log = child.stderr === null ? Promise.resolve("") : text(child.stderr);
  }

  static async start(flags: readonly string[], by: readonly string[] = []): Promise<PartOfCluster> {
    const [program = "", ...args] = [...by, process.execPath, ZEROVM, "swift", ...flags];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const made = new PartOfCluster(child);
    const ended = once(child, "close");
    if (child.stdout === null) throw new Error("its output is piped");
    await Promise.race([once(child.stdout, "data"), ended]);
    if (child.exitCode !== null) throw new Error(`${flags[0]} did not start: ${await made.log}`);
    return made;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @returns what it logged */
  async stop(): Promise<string> {
    const ended = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    await ended;
    return await this.log;
  }
}
