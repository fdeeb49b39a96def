import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

/** Runs a program of the system; no proxy stands between it and the cloud on this machine. */
export async function runTool(
  name: string,
  args: readonly string[],
  { env = {}, input = "", cwd }: ToolOptions = {},
): Promise<Ended> {
  const { PATH = "" } = process.env;
  const child = spawn(name, args, {
    // Programs of Debian come first, with the libraries of Debian's Python.
    env: { PATH: `/usr/bin:/bin:${PATH}`, LC_ALL: "C.UTF-8", no_proxy: "*", ...env },
    stdio: "pipe",
    ...(cwd === undefined ? {} : { cwd }),
  });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status));
  });
  const [status, stdout, stderr] = await Promise.all([
    ended,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, stdout, stderr };
}
