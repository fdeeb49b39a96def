import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ZEROVM } from "./command-line.ts";

export interface ShellEnd {
  /** The exit status, or the signal that ended it. */
  readonly status: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly end: Promise<ShellEnd>;
}

/** A folder to work in, with a folder for temporary files beside it. */
export class Shell {
  readonly folder: string;
  readonly temporary: string;
  readonly #env: Readonly<Record<string, string>>;

  /** @param env variables beside those of this process */
  constructor(base: string, env: Readonly<Record<string, string>> = {}) {
    this.#env = env;
    this.folder = join(base, "work");
    this.temporary = join(base, "tmp");
    mkdirSync(this.folder);
    mkdirSync(this.temporary);
  }

  /** Runs a line of bash in which `zerovm` is the built command line. */
  run(line: string, input: string | Uint8Array = ""): Promise<ShellEnd> {
    const { child, end } = this.start("bash", [
      "-c",
      `zerovm() { "$NODE" "$ZEROVM" "$@"; }; ${line}`,
    ]);
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
    return end;
  }

  /** Starts the command line itself, to be sent signals; its standard input stays open. */
  zerovm(...argv: readonly string[]): Started {
    return this.start(process.execPath, [ZEROVM, ...argv]);
  }

  start(command: string, argv: readonly string[]): Started {
    const own = { TMPDIR: this.temporary, NODE: process.execPath, ZEROVM };
    const env = { ...process.env, ...own, ...this.#env };
    const child = spawn(command, argv, { cwd: this.folder, env });
    const out = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      out.stdout += chunk.toString("latin1");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      out.stderr += chunk.toString("latin1");
    });
    const end = new Promise<ShellEnd>((done) => {
      child.on("close", (status, signal) => done({ status: status ?? signal, ...out }));
    });
    return { child, end };
  }

  /**
   * Ends every process that was started here and runs, and those that it left behind: all have the
   * folder for temporary files of this shell in their environment. Resolves when they are gone.
   */
  async end(): Promise<void> {
    const ownEntry = `\0TMPDIR=${this.temporary}\0`;
    for (;;) {
      const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
      const ours = pids.filter((pid) => `\0${environmentOf(pid)}`.includes(ownEntry));
      if (ours.length === 0) return;
      for (const pid of ours) killIfThere(Number(pid));
      await setTimeout(20);
    }
  }

  put(name: string, contents: string | Uint8Array): void {
    writeFileSync(join(this.folder, name), contents);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, name));
  }

  /** A manifest for `p.wasm` with its standard streams and more lines; HERE is the folder. */
  manifest(...more: readonly string[]): string {
    const lines = [
      "Version = 20130611",
      "Program = HERE/p.wasm",
      "Memory = 33554432, 0",
      "Timeout = 5",
      "Channel = /dev/stdin, /dev/stdin, 0, 0, 999, 99999, 0, 0",
      "Channel = /dev/stdout, /dev/stdout, 0, 0, 0, 0, 999, 99999",
      "Channel = /dev/stderr, /dev/stderr, 0, 0, 0, 0, 999, 99999",
      ...more,
    ];
    return `${lines.join("\n")}\n`.replaceAll("HERE", this.folder);
  }

  /** What was left behind in the folder for temporary files. */
  leftovers(): string[] {
    return readdirSync(this.temporary);
  }

  /** Processes that were started for sessions in this folder and are still there. */
  survivors(): string[] {
    return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && holds(pid, this.folder));
  }
}

/** Whether a process has a file below the folder open, as every cell has its program. */
function holds(pid: string, folder: string): boolean {
  try {
    const files = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return files.some((target) => target.startsWith(folder)) || command.includes(folder);
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** One that is gone, or ends, has none. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
