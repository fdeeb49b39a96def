import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { forkingGuest } from "../../../test/support/forking-guest.ts";
import { childProcesses, openDescriptors, openedSince } from "../../../test/support/sessions.ts";
import { makeTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { type PreparedProgram, type PrepareOptions, prepare } from "./index.ts";

const newFolder = temporaryFolders();
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const EXITED = { kind: "exited", code: 0 };

const open: PreparedProgram[] = [];
afterEach(async () => {
  for (const program of open.splice(0)) await program.close();
  await expect.poll(childProcesses).toEqual([]);
});

async function prepared(options: PrepareOptions): Promise<PreparedProgram> {
  const program = await prepare(options);
  open.push(program);
  return program;
}

function written(guest: Uint8Array): string {
  const path = join(newFolder(), "guest.wasm");
  writeFileSync(path, guest);
  return path;
}

const COPYING = forkingGuest("(drop (call $zfork)) (call $words) (call $copy)");

// Cells need Linux.
describe.runIf(process.platform === "linux")("a prepared program", () => {
  test("runs sessions with streams and arguments of their own, also at the same time", async () => {
    const program = await prepared({ program: written(COPYING), size: 2 });
    const inputs = ["one", "two", "three", "four"];
    const results = await Promise.all(
      inputs.map((input) => program.run({ args: [input, "@x"], stdin: { text: input } })),
    );
    expect(results.map(({ stdout }) => text(stdout))).toEqual(
      inputs.map((input) => `${input}\0@x\0${input}`),
    );
    expect(results.map(({ report }) => report.outcome)).toEqual(inputs.map(() => EXITED));
  });

  test("leaves the files of sessions alone while it is prepared", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "out"), "contents");
    const write = [{ path: join(folder, "out") }];
    const program = await prepared({ program: written(COPYING), write });
    expect(readFileSync(join(folder, "out"), "utf8")).toBe("contents");
    const other = [{ path: join(folder, "other"), alias: "out" }];
    expect((await program.run({ write: other })).report.outcome).toEqual(EXITED);
    expect(existsSync(join(folder, "other"))).toBe(true);
    expect(readFileSync(join(folder, "out"), "utf8")).toBe("contents");
  });

  test("refuses files that were not prepared, and goes on with those that were", async () => {
    const folder = newFolder();
    for (const name of ["a", "b"]) writeFileSync(join(folder, name), name);
    const read = [{ path: join(folder, "a") }];
    const program = await prepared({ program: written(COPYING), read });
    await expect(program.run({ read: [{ path: join(folder, "b") }] })).rejects.toThrow(
      "the channel /dev/b was not there when it was prepared",
    );
    const renamed = { path: join(folder, "b"), alias: "/dev/a" };
    expect((await program.run({ read: [renamed] })).report.outcome).toEqual(EXITED);
  });

  test("gives etags to sessions that ask for them, and times of their own", async () => {
    const guest = forkingGuest("(drop (call $zfork)) (loop $again (br $again))");
    const program = await prepared({ program: written(guest) });
    const { report } = await program.run({ etag: "md5", timeoutSeconds: 1 });
    expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
    expect(report.etags.map(({ alias }) => alias)).toContain("/dev/stdout");
  });

  test("leaves nothing behind when it is closed, and runs no more", async () => {
    const folder = newFolder();
    makeTree(folder, { "host/file": "contents" });
    const before = openDescriptors();
    const folders = [{ host: join(folder, "host"), guest: "/data", mode: "cow" } as const];
    const program = await prepared({ program: written(COPYING), folders });
    expect(text((await program.run({ stdin: { text: "last" } })).stdout)).toBe("last");
    await program.close();
    await program.close();
    await expect(program.run()).rejects.toThrow("The pool is closed");
    await expect.poll(() => openedSince(before)).toEqual([]);
  });

  test("says why it cannot be prepared", async () => {
    const before = openDescriptors();
    const program = written(forkingGuest("(call $exit (i32.const 7))"));
    const early = "The program did not come to its point: it ended with exit code 7";
    await expect(prepare({ program })).rejects.toMatchObject({ code: "ZVM_POOL", message: early });
    const missing = prepare({ program: join(newFolder(), "none.wasm") });
    await expect(missing).rejects.toMatchObject({ code: "ZVM_PROGRAM_NOT_FOUND" });
    const folders = [{ host: newFolder(), mode: "rw" } as const];
    await expect(prepare({ program, folders })).rejects.toMatchObject({ code: "ZVM_USAGE" });
    await expect.poll(() => openedSince(before)).toEqual([]);
  });
});

// Cells need Linux.
describe.runIf(process.platform === "linux")("CPython", () => {
  const script = `
import sys, json, re
args = open("/dev/zfork").read().split("\\0")[:-1]
exec(sys.stdin.read())`;

  test("waits behind its imports, and gives the same trace for the same session", async () => {
    const program = await prepared({ program: "python", args: ["-c", script] });
    const session = { args: ["6", "7"], stdin: { text: "print(json.dumps(args), sys.argv)" } };
    const first = await program.run(session);
    expect(text(first.stderr)).toBe("");
    expect(text(first.stdout)).toBe(`["6", "7"] ['-c']\n`);
    expect((await program.run(session)).report.traceHash).toBe(first.report.traceHash);
  });

  test("tells what it said when it fails before its point", async () => {
    const args = ["-c", "import nowhere"];
    await expect(prepare({ program: "python", args })).rejects.toThrow(
      "it ended with exit code 1; it said: ModuleNotFoundError: No module named 'nowhere'",
    );
  });
});
