import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ZEROVM } from "../../../test/support/command-line.ts";
import {
  COPYING_GUEST,
  exitingGuest,
  LOOPING_GUEST,
  writingGuest,
} from "../../../test/support/guests.ts";
import { Shell } from "../../../test/support/shell.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();
const WAIT = { timeout: 60_000, interval: 20 };
let shell: Shell;
let pool: ChildProcess;
let socket: string;

beforeEach(async () => {
  const folder = newFolder();
  shell = new Shell(folder);
  shell.put("copy.wasm", COPYING_GUEST);
  shell.put("loop.wasm", LOOPING_GUEST);
  shell.put("status.wasm", exitingGuest(7));
  socket = join(folder, "own", "pool.sock");
  vi.stubEnv("ZEROVM_POOL", socket);
  pool = await startPool();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  pool.kill("SIGINT");
  await expect.poll(hosts, WAIT).toEqual([]);
});

/** A pool with one host, which waits for a command by now. */
async function startPool(...program: readonly string[]): Promise<ChildProcess> {
  const before = doorNumber();
  const words = [ZEROVM, "pool", "--size", "1", "--socket", socket, ...program];
  const started = spawn(process.execPath, words, { stdio: "ignore" });
  pool = started;
  await expect.poll(() => ![undefined, before].includes(doorNumber()), WAIT).toBe(true);
  return started;
}

/** Of the socket to which commands come, which is there while a host waits. */
function doorNumber(): number | undefined {
  return statSync(`${socket}.run`, { throwIfNoEntry: false })?.ctimeMs;
}

/** The host that waits: a command that it runs is no longer among the pool's children. */
async function aHost(): Promise<string> {
  await expect.poll(() => existsSync(`${socket}.run`), WAIT).toBe(true);
  await expect.poll(hosts, WAIT).toHaveLength(1);
  return hosts()[0] ?? "";
}

/** The processes of the pool that run whole commands, or wait for one. */
function hosts(): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      const isHost = command.includes("bin/host.js");
      return isHost && readFileSync(`/proc/${pid}/environ`, "latin1").includes(socket);
    } catch {
      return false;
    }
  });
}

function isAlive(pid: string): boolean {
  return existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`).length > 0;
}

/** Runs a line with the pool, whose host takes it and goes with it, and without a pool. */
async function both(line: string, input?: string | Uint8Array) {
  const host = await aHost();
  const warm = await shell.run(line, input);
  await expect.poll(() => isAlive(host), WAIT).toBe(false);
  return { warm, cold: await withoutPool(line, input) };
}

/** Runs a line with a pool whose host leaves it to the command, and without a pool. */
async function leftAlone(line: string) {
  const host = await aHost();
  const warm = await shell.run(line);
  expect(await aHost()).toBe(host);
  return { warm, cold: await withoutPool(line) };
}

async function withoutPool(line: string, input?: string | Uint8Array) {
  return await shell.run(`export ZEROVM_POOL=/nowhere; ${line}`, input);
}

// Hosts need Linux.
describe.runIf(process.platform === "linux")(
  "a warm host runs a command as the command would",
  () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) & 0xff));

    test("with its bytes from standard input to standard output", async () => {
      const { warm, cold } = await both("zerovm run copy.wasm", bytes);
      expect(warm).toEqual(cold);
      expect(Buffer.from(warm.stdout, "latin1").equals(bytes)).toBe(true);
    });

    test.each([
      ["its exit status", "zerovm run status.wasm", 7],
      ["its own messages", "zerovm run missing.wasm", 127],
      ["its time limit", "zerovm run --timeout 0.2 loop.wasm", 124],
      ["its help", "zerovm run --help", 0],
      ["a reader that goes away", "zerovm run --help | true; echo $PIPESTATUS", 0],
      ["a file to append to", "echo a > f; echo b | zerovm run copy.wasm >> f; cat f", 0],
      ["a place in a file", "(read -r x; zerovm run copy.wasm) < lines", 0],
      ["closed streams", "zerovm run status.wasm <&- >&- 2>&-", 7],
      ["a manifest", "zerovm exec m", 0],
      ["the original's command line", "zerovm m.manifest", 0],
      ["an empty argument", "zerovm run copy.wasm '' x", 0],
    ])("with %s", async (_, line, status) => {
      shell.put("lines", "one\ntwo\nthree\n");
      shell.put("p.wasm", writingGuest("from a manifest\n"));
      shell.put("m", shell.manifest());
      shell.put("m.manifest", shell.manifest());
      const { warm, cold } = await both(line);
      // Times differ, and the original's report has some.
      const timeless = (text: string) => text.replaceAll(/\d+\.\d+/g, "TIME");
      expect({ ...warm, stdout: timeless(warm.stdout) }).toEqual({
        ...cold,
        stdout: timeless(cold.stdout),
      });
      expect(warm.status).toBe(status);
    });

    test("in its folder, with its umask", async () => {
      mkdirSync(join(shell.folder, "deep"));
      const { warm } = await both("cd deep; umask 0277; echo x | zerovm run -w made ../copy.wasm");
      expect(warm).toMatchObject({ status: 0, stdout: "x\n" });
      expect(statSync(join(shell.folder, "deep", "made")).mode & 0o777).toBe(0o400);
    });

    test("with its environment", async () => {
      mkdirSync(join(shell.folder, "zerovm"));
      shell.put("zerovm/runtimes.json", "{");
      const { warm, cold } = await both("XDG_CONFIG_HOME=$PWD zerovm run mine");
      expect(warm).toEqual(cold);
      expect(warm.stderr).toContain(join(shell.folder, "zerovm"));
    });

    test("in a folder that is gone", async () => {
      const { warm, cold } = await both("mkdir gone; cd gone; rmdir ../gone; zerovm run x.wasm");
      expect(warm).toEqual(cold);
    });

    test("and leaves the streams as they were", async () => {
      const flags = "grep flags /proc/self/fdinfo/1 >&2";
      const { warm } = await both(`{ ${flags}; zerovm run --help; ${flags}; } | cat > all`);
      const [before, after] = warm.stderr.trim().split("\n");
      expect(after).toBe(before);
    });

    test("at a socket that others could have put there: the system says who did", async () => {
      chmodSync(join(socket, ".."), 0o777);
      const { warm } = await both("zerovm run status.wasm");
      expect(warm.status).toBe(7);
    });
  },
);

// Hosts need Linux.
describe.runIf(process.platform === "linux")("signals, deaths and pools that end", () => {
  /** A session that runs in the host by now. */
  async function running(...options: readonly string[]) {
    const host = await aHost();
    const started = shell.zerovm("run", ...options, "loop.wasm");
    // Host and cell have the program open, the command has it in its words.
    await expect.poll(() => shell.survivors().includes(host), WAIT).toBe(true);
    return { ...started, host };
  }

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s ends the session in order", async (signal, status) => {
    const { child, end, host } = await running("--report-file", "report");
    child.kill(signal);
    expect(await end).toEqual({ status, stdout: "", stderr: "zerovm: interrupted\n" });
    expect(JSON.parse(shell.read("report"))).toMatchObject({ outcome: { cause: "interrupted" } });
    await expect.poll(() => isAlive(host), WAIT).toBe(false);
  });

  test("a signal that nobody handles is the death of both", async () => {
    const { child, end, host } = await running();
    child.kill("SIGQUIT");
    expect((await end).status).toBe("SIGQUIT");
    await expect.poll(() => isAlive(host), WAIT).toBe(false);
  });

  test("a command that is killed takes its session with it, in order", async () => {
    const { child, end, host } = await running("--report-file", "report");
    child.kill("SIGKILL");
    expect((await end).status).toBe("SIGKILL");
    await expect.poll(() => isAlive(host), WAIT).toBe(false);
    expect(JSON.parse(shell.read("report"))).toMatchObject({ outcome: { cause: "interrupted" } });
    await expect.poll(() => shell.survivors().length, WAIT).toBeLessThan(3);
  });

  test("a host that is killed is told of", async () => {
    const { end, host } = await running();
    process.kill(Number(host), "SIGKILL");
    const { status, stderr } = await end;
    expect([status, stderr]).toEqual([
      125,
      "zerovm: the process of the pool that ran the command is gone\n",
    ]);
  });

  test("a session goes on when its pool ends", async () => {
    const { child, end, host } = await running();
    pool.kill("SIGINT");
    await new Promise((resolve) => pool.once("exit", resolve));
    expect(isAlive(host)).toBe(true);
    expect(existsSync(`${socket}.run`)).toBe(false);
    child.kill("SIGINT");
    expect((await end).status).toBe(130);
  });

  test("a pool that was killed leaves hosts to nobody, and its sockets to the next", async () => {
    pool.kill("SIGKILL");
    await expect.poll(hosts, WAIT).toEqual([]);
    expect((await shell.run("zerovm run status.wasm")).status).toBe(7);
    pool = await startPool();
    const { warm } = await both("zerovm run status.wasm");
    expect(warm.status).toBe(7);
  });
});

// Hosts need Linux.
describe.runIf(process.platform === "linux")("a pool for a program", () => {
  test("has compiled it, and runs others as well", async () => {
    pool.kill("SIGINT");
    await new Promise((resolve) => pool.once("exit", resolve));
    pool = await startPool("--memory", "64M", join(shell.folder, "status.wasm"));
    const own = await both("zerovm run --report-file r --memory 64M ./status.wasm");
    expect(own.warm.status).toBe(7);
    const other = await both("zerovm run copy.wasm", "other");
    expect(other.warm.stdout).toBe("other");
  });

  test.each([
    ["two programs", "a b", "takes one PROGRAM"],
    ["what no program is named for", "--memory 64M", "--memory is for a PROGRAM"],
    ["a program that is none", "missing.wasm", "There is no program"],
  ])("refuses %s", async (_, words, message) => {
    const { status, stderr } = await shell.run(`zerovm pool --socket $PWD/own/s ${words}`);
    expect([125, 127]).toContain(status);
    expect(stderr).toContain(message);
  });
});

// Hosts need Linux.
describe.runIf(process.platform === "linux")("what a host cannot do alike the command does", () => {
  test.each([
    ["options of the engine", "NODE_OPTIONS=--max-http-header-size=9999 zerovm run status.wasm"],
    ["options before the script", '"$NODE" --no-warnings "$ZEROVM" run status.wasm'],
    ["another library", "LD_BIND_NOW=1 zerovm run status.wasm"],
    ["another limit", "ulimit -c 0; ulimit -f 99999; zerovm run status.wasm"],
    ["another nice value", 'nice -n 3 "$NODE" "$ZEROVM" run status.wasm'],
    ["a guest in the process", "zerovm run --isolation=none status.wasm"],
    ["a descriptor of its own", "zerovm run -r /dev/fd/5=/dev/x status.wasm 5< status.wasm"],
    ["a descriptor of its own in a manifest", "zerovm exec own 5< status.wasm"],
    [
      "a manifest that can be read once",
      "rm -f pipe; mkfifo pipe; cat m > pipe & zerovm exec pipe",
    ],
    ["a manifest from standard input", "zerovm exec - < m"],
    ["an argument of other bytes", "zerovm run copy.wasm $'\\xff'"],
  ])("%s", async (_, line) => {
    shell.put("p.wasm", exitingGuest(7));
    shell.put("m", shell.manifest());
    shell.put("own", shell.manifest("Channel = /dev/.//fd/5, /dev/own, 0, 0, 9, 9, 0, 0"));
    const { warm, cold } = await leftAlone(line);
    expect(warm).toEqual(cold);
  });
});
