import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ZEROVM } from "../../../test/support/command-line.ts";
import { exitingGuest } from "../../../test/support/guests.ts";
import { childProcesses } from "../../../test/support/sessions.ts";
import { Shell } from "../../../test/support/shell.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { connectTo, sendMessage } from "../libc/index.ts";

const newFolder = temporaryFolders();
const WAIT = { timeout: 60_000, interval: 20 };
let shell: Shell;
let socket: string;

beforeEach(() => {
  const folder = newFolder();
  shell = new Shell(folder);
  shell.put("status.wasm", exitingGuest(7));
  mkdirSync(join(folder, "own"), { mode: 0o700 });
  socket = join(folder, "own", "pool.sock");
  vi.stubEnv("ZEROVM_POOL", socket);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await expect.poll(childProcesses, WAIT).toEqual([]);
});

const door = (): number | undefined => {
  return statSync(`${socket}.run`, { throwIfNoEntry: false })?.ctimeMs;
};

// Hosts need Linux.
describe.runIf(process.platform === "linux")("a host is not led astray by a client that", () => {
  test.each([
    ["says nothing", "", 0],
    ["is of another build", "zerovm host v0.0.0 0", 4],
    ["says too much", "x".repeat(100_000), 4],
    ["brings no descriptors", "zerovm host", 0],
    ["brings too many", "zerovm host", 200],
  ])("%s", async (_, text, count) => {
    const words = [ZEROVM, "pool", "--size", "1", "--socket", socket];
    const pool = spawn(process.execPath, words, { stdio: "ignore" });
    try {
      await expect.poll(door, WAIT).not.toBeUndefined();
      const before = door();
      const fds = Array.from({ length: count }, () => openSync("/dev/null", "r+"));
      const client = connectTo(`${socket}.run`);
      if (text !== "") {
        try {
          sendMessage(client, Buffer.from(text), fds, 1000);
        } catch {
          // It has heard enough.
        }
      }
      for (const fd of [...fds, client]) closeSync(fd);
      // The same host is there for the next.
      expect((await shell.run("zerovm run status.wasm")).status).toBe(7);
      await expect.poll(() => door() !== before, WAIT).toBe(true);
    } finally {
      pool.kill("SIGINT");
    }
  });
});

// Hosts need Linux.
describe.runIf(process.platform === "linux")("a command runs by itself where a host", () => {
  test.each([
    ["hangs up at once", (client: Socket) => client.destroy()],
    ["hangs up when it was asked", (client: Socket) => client.once("data", () => client.destroy())],
    ["says nothing", () => undefined],
  ] as const)("%s", async (_, lie) => {
    const server = createServer((client) => {
      client.on("error", () => undefined);
      lie(client);
      client.resume();
    });
    await new Promise<void>((resolve) => server.listen(`${socket}.run`, resolve));
    try {
      expect(await shell.run("zerovm run status.wasm")).toEqual({
        status: 7,
        stdout: "",
        stderr: "",
      });
    } finally {
      server.close();
    }
  });
});
