/**
 * A daemon as the original has it: the command ends when its session becomes one, which goes on
 * behind. No process with an engine in it can be copied, so the session is run behind from its
 * start.
 */
import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { basename } from "node:path";
import { ZvmError } from "../base/index.ts";
import { type Daemon, leaveStreams, startDaemon } from "../zerovm/index.ts";
import { deliver } from "./classic-report.ts";
import { parseSwitches } from "./classic-switches.ts";
import { complain } from "./command.ts";
import { aborted, catchInterrupts, type Interrupts } from "./interrupt.ts";

/** How the command calls itself for what is to go on behind it. */
export const BEHIND = "--behind";

/** Where the process behind finds its manifest, and says how its session went. */
const TALK_FD = 3;
const STATUS_SIGNAL = 4;

/** Runs a manifest behind this process. @returns the exit code of its session */
export async function startBehind(argv: readonly string[], text: Uint8Array): Promise<number> {
  const script = process.argv[1] ?? "";
  const words = [...process.execArgv, script, "exec", BEHIND, ...argv];
  const behind = spawn(process.execPath, words, {
    detached: true,
    stdio: ["inherit", "inherit", "inherit", "pipe"],
  });
  const interrupts = catchInterrupts();
  interrupts.signal.addEventListener("abort", () => behind.kill("SIGTERM"));
  try {
    const talk = behind.stdio[TALK_FD];
    if (!(talk instanceof Socket)) throw new ZvmError("ZVM_DAEMON", "No process can be started");
    talk.end(text);
    const said = await heard(talk);
    talk.destroy();
    behind.unref();
    if (/^\d+$/.test(said)) return Number(said);
    complain("zerovm: what ran the manifest ended before its session did");
    return STATUS_SIGNAL;
  } finally {
    interrupts.release();
  }
}

/** The process behind. @returns the exit code of its session, or of the daemon that it was */
export async function runBehind(argv: readonly string[]): Promise<number> {
  const switches = parseSwitches(argv);
  if ("kind" in switches) throw new ZvmError("ZVM_USAGE", `${BEHIND} is for zerovm itself`);
  const talk = new Socket({ fd: TALK_FD, allowHalfOpen: true });
  talk.on("error", () => undefined);
  const text = await heard(talk, "latin1");
  const interrupts = catchInterrupts();
  try {
    const { report, daemon } = await startDaemon({
      text: Buffer.from(text, "latin1"),
      needed: [{ role: "the manifest", path: switches.manifest }],
      preallocate: !switches.noPreallocation,
      signal: interrupts.signal,
    });
    const code = deliver(report, switches);
    await new Promise<void>((resolve) => talk.end(String(code), resolve));
    if (daemon === undefined) return code;
    await goOn(daemon, interrupts);
    return 0;
  } finally {
    interrupts.release();
  }
}

/** As any daemon: without a terminal, a folder, or the streams of whoever started it. */
async function goOn(daemon: Daemon, { signal }: Interrupts): Promise<void> {
  // Without a terminal nobody hangs up; the signal has no other meaning here.
  process.removeAllListeners("SIGHUP").on("SIGHUP", () => undefined);
  leaveStreams();
  process.chdir("/");
  process.title = `zvm.${basename(daemon.path)}`.slice(0, TITLE_LENGTH);
  await aborted(signal);
  await daemon.close();
}

const TITLE_LENGTH = 15;

async function heard(talk: Socket, encoding: "utf8" | "latin1" = "utf8"): Promise<string> {
  talk.setEncoding(encoding);
  let text = "";
  talk.on("data", (piece: string) => {
    text += piece;
  });
  await new Promise<void>((resolve) => {
    talk.once("end", () => resolve());
    talk.once("close", () => resolve());
    talk.once("error", () => resolve());
  });
  return text;
}
