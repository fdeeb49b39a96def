import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type Ended, ZEROVM } from "../support/command-line.ts";
import { freePort } from "../support/free-ports.ts";
import { COPYING_GUEST } from "../support/guests.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended & { readonly signal: NodeJS.Signals | null }>;
}

/** A command of its own, whose standard input is ours to write and to end. */
function start(args: readonly string[], cwd: string): Started {
  const child = spawn(process.execPath, [ZEROVM, ...args], { cwd });
  running.add(child);
  const texts = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  });
  child.stdin.on("error", () => undefined);
  const ended = new Promise<Ended & { signal: NodeJS.Signals | null }>((resolve) => {
    child.on("close", (status, signal) => {
      running.delete(child);
      const [stdout = "", stderr = ""] = texts.map((text) => text());
      resolve({ status, signal, stdout, stderr });
    });
  });
  return { child, ended };
}

async function isListening(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

const READ = "0, 0, 999999, 999999999, 0, 0";
const WRITTEN = "0, 0, 0, 0, 999999, 999999999";

/** A folder with a manifest of a program that copies its input to its output. */
function nodeFolder(stdin: string, stdout: string, further: readonly string[] = []): string {
  const folder = newFolder();
  writeFileSync(join(folder, "program.wasm"), COPYING_GUEST);
  const lines = [
    "Version = 20130611",
    `Program = ${folder}/program.wasm`,
    "Memory = 33554432, 0",
    "Timeout = 20",
    `Channel = ${stdin}, /dev/stdin, ${READ}`,
    `Channel = ${stdout}, /dev/stdout, ${WRITTEN}`,
    `Channel = /dev/stderr, /dev/stderr, ${WRITTEN}`,
    ...further,
  ];
  writeFileSync(join(folder, "node.manifest"), `${lines.join("\n")}\n`);
  return folder;
}

const exec = (folder: string): Started => start(["exec", "--report=text", "node.manifest"], folder);

describe("two sessions of the command line", () => {
  test("are connected by an address and its number, and end well", async () => {
    const port = await freePort();
    const reading = exec(nodeFolder(`tcp:7:${port}`, "/dev/stdout"));
    const writing = exec(nodeFolder("/dev/stdin", `tcp:16777343:${port}`));
    writing.child.stdin?.end("over the network");
    const [read, written] = await Promise.all([reading.ended, writing.ended]);
    expect([read.status, written.status]).toEqual([0, 0]);
    expect(read.stdout).toBe("over the network");
    expect(read.stderr).toMatch(/\n0\.\d\d \d\.\d\d 0 0 1 16 [23] 16 0 0\nok\n/);
    expect(written.stderr).toMatch(/\n0\.\d\d \d\.\d\d [23] 16 0 0 0 0 2 16\nok\n/);
  });

  test("share a key that --key names, and one with another is refused", async () => {
    const port = await freePort();
    const folder = nodeFolder("/dev/stdin", "/dev/stdout");
    for (const name of ["one", "other"]) {
      writeFileSync(join(folder, name), `${name}................................`.slice(0, 32), {
        mode: 0o600,
      });
    }
    const run = (key: string, channel: string): Started =>
      start(["run", "--key", key, "-c", channel, "program.wasm"], folder);
    const reading = run("one", `tcp:[::1]:${port},/dev/stdin,${READ.replaceAll(" ", "")}`);
    const channel = `tcp:[::1]:${port},/dev/stdout,${WRITTEN.replaceAll(" ", "")}`;
    const wrong = await run("other", channel).ended;
    expect(wrong.status).toBe(125);
    expect(wrong.stderr).toContain(`[::1]:${port} has another key for its wires`);
    const writing = run("one", channel);
    writing.child.stdin?.end("sealed");
    expect((await reading.ended).stdout).toBe("sealed");
    expect((await writing.ended).status).toBe(0);
  });

  test("end at once when the other is killed, and name it", async () => {
    const port = await freePort();
    const reading = exec(nodeFolder(`tcp::${port}`, "/dev/stdout"));
    const writing = exec(nodeFolder("/dev/stdin", `tcp:127.0.0.1:${port}`));
    // A read of the guest waits for all that it asked for, which are 4096 bytes.
    writing.child.stdin?.write("only the beginning".repeat(1000));
    await new Promise((heard) => reading.child.stdout?.once("data", heard));
    writing.child.kill("SIGKILL");
    const killedAtMs = Date.now();
    const read = await reading.ended;
    // Long before the 20 seconds of its own time are over.
    expect(Date.now() - killedAtMs).toBeLessThan(10_000);
    expect(read.status).toBe(125);
    expect(read.stderr).toMatch(/\/dev\/stdin lost 127\.0\.0\.1:\d+/);
    expect((await writing.ended).signal).toBe("SIGKILL");
  });

  test("end in order on an interrupt while one waits for the other", async () => {
    const port = await freePort();
    const waiting = exec(nodeFolder(`tcp:127.0.0.1:${port}`, "/dev/stdout"));
    await expect.poll(() => isListening(port), { timeout: 20_000 }).toBe(true);
    waiting.child.kill("SIGINT");
    const { status, stderr } = await waiting.ended;
    expect(status).toBe(130);
    expect(stderr).toContain(`/dev/stdin waited for its writer at tcp:127.0.0.1:${port}`);
    expect(stderr).toContain("session interrupted");
  });
});

describe("one session without the other", () => {
  test.each([
    [
      "a reader",
      (port: number) => [`tcp::${port}`, "/dev/stdout"],
      "waited for its writer at tcp::",
    ],
    [
      "a writer",
      (port: number) => ["/dev/stdin", `tcp:127.0.0.1:${port}`],
      "waited for 127.0.0.1:",
    ],
  ] as const)("%s ends with the original's session timeout", async (_, sourcesAt, said) => {
    const [stdin = "", stdout = ""] = sourcesAt(await freePort());
    const folder = nodeFolder(stdin, stdout);
    const path = join(folder, "node.manifest");
    writeFileSync(path, readFileSync(path, "utf8").replace("Timeout = 20", "Timeout = 1"));
    const { status, stderr } = await exec(folder).ended;
    expect(status).toBe(124);
    expect(stderr).toContain("\nsession timeout\n");
    expect(stderr).toContain(said);
  });

  test("is refused where it would be connected with itself", async () => {
    const folder = nodeFolder("tcp:1:", "tcp:1:", ["NameServer = udp:127.0.0.1:9", "Node = 1"]);
    const { status, stderr } = await exec(folder).ended;
    expect(status).toBe(125);
    expect(stderr).toContain("cannot bind /dev/stdin;0: it is a wire to this session itself");
  });
});
