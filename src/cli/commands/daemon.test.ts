import { existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { isAlive } from "../../../test/support/alive.ts";
import { asked, daemonText, framed, linesOf } from "../../../test/support/daemon-client.ts";
import { forkingGuest } from "../../../test/support/forking-guest.ts";
import { Shell } from "../../../test/support/shell.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();
const shells: Shell[] = [];
afterEach(async () => {
  for (const shell of shells.splice(0)) await shell.end();
});

/** A shell in a folder with a guest that has a point, and a manifest with `Job`. */
function shellWith(body: string): { shell: Shell; socket: string; text: string } {
  const shell = new Shell(newFolder());
  shells.push(shell);
  const program = join(shell.folder, "guest.wasm");
  writeFileSync(program, forkingGuest(body));
  const socket = join(shell.folder, "s");
  const out = "/dev/stdout, /dev/stdout, 0, 0, 0, 0, 99, 9999";
  const text = daemonText(program, { stdout: out }, [`Job = ${socket}`]);
  writeFileSync(join(shell.folder, "d.manifest"), text);
  const next = daemonText(program, {
    stdin: `${join(shell.folder, "in")}, /dev/stdin, 0, 0, 99, 9999, 0, 0`,
    stdout: `${join(shell.folder, "out")}, /dev/stdout, 0, 0, 0, 0, 99, 9999`,
  });
  writeFileSync(join(shell.folder, "in"), "text");
  return { shell, socket, text: next };
}

const BODY = "(call $before) (drop (call $zfork)) (call $copy)";
const REPORT = /^before 0\n1\n0\ndisable\n\d\.\d\d \d\.\d\d 0 0 1 7 0 0 0 0\nok\n\n$/;

/** The process behind; the name that its socket was bound under begins with the path. */
function pidOf(socket: string): number {
  const sockets = readFileSync("/proc/net/unix", "latin1").split("\n");
  const inode = sockets.find((line) => line.includes(` ${socket}.`))?.split(/\s+/)[6];
  const { readdirSync } = process.getBuiltinModule("node:fs");
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => linksOf(pid).includes(`socket:[${inode}]`));
  return Number(found);
}

function linksOf(pid: string): string[] {
  const { readdirSync } = process.getBuiltinModule("node:fs");
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

// Cells need Linux.
describe.runIf(process.platform === "linux")("a manifest with Job on the command line", () => {
  test("is a daemon in the foreground until it is asked to end", async () => {
    const { shell, socket, text } = shellWith(BODY);
    const { child, end } = shell.zerovm("exec", "--cells", "1", "d.manifest");
    await expect.poll(() => existsSync(socket), { timeout: 20_000 }).toBe(true);
    expect(linesOf(await asked(socket, framed(text)))[5]).toBe("ok");
    expect(readFileSync(join(shell.folder, "out"), "latin1")).toBe("\0\0\0\0\0\0\0text");
    child.kill("SIGTERM");
    const { status, stdout, stderr } = await end;
    expect([status, stdout]).toEqual([0, "before "]);
    expect(stderr).toBe(`zerovm exec: serves sessions at ${socket}\nzerovm exec: ended\n`);
    expect(existsSync(socket)).toBe(false);
  });

  test("ends as the original and goes on behind, without its streams and its folder", async () => {
    const { shell, socket, text } = shellWith(BODY);
    // The shell has the end of the output only when nobody else holds it.
    const { status, stdout, stderr } = await shell.run("zerovm d.manifest");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(REPORT);
    const pid = pidOf(socket);
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe("/");
    expect(readFileSync(`/proc/${pid}/comm`, "utf8")).toBe("zvm.s\n");
    expect(linesOf(await asked(socket, framed(text)))[5]).toBe("ok");
    expect(readFileSync(join(shell.folder, "out"), "latin1")).toBe("\0\0\0\0\0\0\0text");
    process.kill(pid, "SIGHUP");
    expect(linesOf(await asked(socket, framed(text)))[5]).toBe("ok");
    process.kill(pid, "SIGTERM");
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
    expect(existsSync(socket)).toBe(false);
  });

  test("ends with its session where there is no point, and where nobody can listen", async () => {
    const ended = shellWith("(call $before) (call $exit (i32.const 3))");
    const { status, stdout } = await ended.shell.run("zerovm d.manifest -t3");
    expect([status, stdout.slice(0, 20)]).toEqual([0, "before 0x00002c0\n0\n3"]);
    expect((await ended.shell.run("zerovm exec d.manifest")).status).toBe(3);
    writeFileSync(ended.socket, "");
    const refused = await ended.shell.run("zerovm d.manifest");
    expect([refused.status, refused.stdout.split("\n")[5]]).toEqual([
      14,
      `cannot listen at ${ended.socket}`,
    ]);
    expect((await ended.shell.run("zerovm d.manifest -F")).status).toBe(0);
  });

  test("is ended with the command that waits for it", async () => {
    const { shell, socket } = shellWith("(call $before) (loop $again (br $again))");
    const { child, end } = shell.start(process.execPath, [
      join(import.meta.dirname, "../../../bin/zerovm.js"),
      "d.manifest",
    ]);
    let said = "";
    child.stdout?.on("data", (piece: Buffer) => {
      said += piece.toString("latin1");
    });
    await expect.poll(() => said, { timeout: 20_000 }).toBe("before ");
    child.kill("SIGINT");
    const { status, stdout } = await end;
    expect([status, stdout.split("\n")[5]]).toEqual([4, "session interrupted"]);
    expect(existsSync(socket)).toBe(false);
  });
});
