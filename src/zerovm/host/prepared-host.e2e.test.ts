import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ZEROVM } from "../../../test/support/command-line.ts";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { forkingGuest } from "../../../test/support/forking-guest.ts";
import { writingGuest } from "../../../test/support/guests.ts";
import { Shell } from "../../../test/support/shell.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();
const WAIT = { timeout: 60_000, interval: 20 };
/** Says its words, which are none, and what it reads, each after its point. */
const GUEST = forkingGuest("(drop (call $zfork)) (call $words) (call $copy) (call $after)");
let shell: Shell;
let pool: ChildProcess | undefined;
let socket: string;

beforeEach(() => {
  const folder = newFolder();
  shell = new Shell(folder);
  shell.put("point.wasm", GUEST);
  shell.put("other.wasm", writingGuest("other\n"));
  socket = join(folder, "own", "pool.sock");
  vi.stubEnv("ZEROVM_POOL", socket);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  const ended = pool;
  pool = undefined;
  if (ended === undefined || ended.exitCode !== null) return;
  const gone = new Promise((resolve) => ended.once("exit", resolve));
  ended.kill("SIGINT");
  await gone;
});

/** A pool with one guest at its point, when a host waits with it. */
async function prepare(...words: readonly string[]): Promise<void> {
  const all = [ZEROVM, "pool", "--size", "1", "--socket", socket, "--prepare", ...words];
  pool = spawn(process.execPath, all, { stdio: "ignore", cwd: shell.folder });
  await isReady();
}

async function isReady(): Promise<void> {
  await expect.poll(() => existsSync(`${socket}.run`), WAIT).toBe(true);
}

interface Session {
  readonly status: number | string | null;
  readonly stdout: string;
  readonly cell: string;
  readonly traceHash: string;
  readonly channels: unknown;
}

async function session(line: string, input: string): Promise<Session> {
  const { status, stdout, stderr } = await shell.run(line, input);
  const { cell, traceHash, channels } = JSON.parse(stderr);
  return { status, stdout, cell, traceHash, channels };
}

/** A line with the pool, when it is ready, and without: all but the cell has to be the same. */
async function cellOf(line: string, input = ""): Promise<string> {
  await isReady();
  const warm = await session(line, input);
  const cold = await session(`export ZEROVM_POOL=/nowhere; ${line}`, input);
  expect(cold.cell).toBe("new");
  expect({ ...warm, cell: "new" }).toEqual(cold);
  return warm.cell;
}

// Hosts need Linux.
describe.runIf(process.platform === "linux")("a pool with guests at their points", () => {
  test("lends them to the same command, which ends as it would without", async () => {
    await prepare("--env", "A=b", "--memory", "64M", "point.wasm", "word");
    const options = "--report=json --env A=b --memory 64M --etag";
    const line = `cat | zerovm run ${options} --timeout 20 point.wasm word`;
    expect(await cellOf(line, "first\n")).toBe("prepared");
    expect(await cellOf(line, "second\n")).toBe("prepared");
    shell.put("lines", "third\n");
    expect(await cellOf(`zerovm run ${options} point.wasm word < lines`)).toBe("prepared");
    const { stdout } = await shell.run(`zerovm run ${options} point.wasm word`, "last ");
    expect(stdout).toBe("last after ");
  });

  test.each([
    ["another argument", "zerovm run --report=json point.wasm other"],
    ["no argument", "zerovm run --report=json point.wasm"],
    ["another environment", "zerovm run --report=json --env A=c point.wasm word"],
    ["another seed", "zerovm run --report=json --seed 1 point.wasm word"],
    ["fuel", "zerovm run --report=json --fuel 100000000 point.wasm word"],
    ["another memory", "zerovm run --report=json --memory 64M point.wasm word"],
    ["a further channel", "zerovm run --report=json -r other.wasm point.wasm word"],
    ["a second run", "zerovm run --report=json --verify point.wasm word"],
    ["another program", "zerovm run --report=json other.wasm word"],
    [
      "a changed program",
      "cp point.wasm p; mv p point.wasm; zerovm run --report=json point.wasm word",
    ],
  ])("does not lend them for %s", async (_, line) => {
    await prepare("point.wasm", "word");
    expect(await cellOf(line)).toBe("new");
  });

  test("has their images in them, while these stay as they were", async () => {
    const tar = join(shell.folder, "root.tar");
    writeFileSync(tar, craftedTar([{ name: "name", contents: "value" }]));
    await prepare("--image", "root.tar", "point.wasm");
    const line = "zerovm run --report=json --image root.tar point.wasm";
    expect(await cellOf(line)).toBe("prepared");
    writeFileSync(tar, craftedTar([{ name: "name", contents: "other" }]));
    expect(await cellOf(line)).toBe("new");
  });

  test.each([
    ["writes before its point", "(call $before) (drop (call $zfork))", "used /dev/stdout before"],
    ["reads before its point", "(call $copy) (drop (call $zfork))", "used /dev/stdin before"],
    ["has no point", "(call $exit (i32.const 7))", "it ended with exit code 7"],
  ])("refuses a program that %s", async (_, body, message) => {
    shell.put("early.wasm", forkingGuest(body));
    const line = `zerovm pool --socket ${socket} --prepare early.wasm`;
    const { status, stderr } = await shell.run(line);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
  });

  test.each([
    ["fuel", "--prepare --fuel 9 point.wasm", "--fuel is not for --prepare"],
    ["a clock of the host", "--prepare --clock real point.wasm", "can be compared"],
    ["settings of a program that is not run", "--env A=b point.wasm", "--env is for --prepare"],
    ["no program", "--prepare", "--prepare is for a PROGRAM"],
    ["a missing program", "--prepare missing.wasm", "There is no program"],
  ])("refuses %s", async (_, words, message) => {
    const { status, stderr } = await shell.run(`zerovm pool --socket ${socket} ${words}`);
    expect([125, 127]).toContain(status);
    expect(stderr).toContain(message);
  });
});
