import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import { ROOT, runNode } from "../test/support/command-line.ts";
import {
  COPYING_GUEST,
  exitingGuest,
  guestOf,
  LOOPING_GUEST,
  savingGuest,
  showingGuest,
  writingGuest,
} from "../test/support/guests.ts";
import { childProcesses, openDescriptors } from "../test/support/sessions.ts";
import { makeTree, readTree, temporaryFolders } from "../test/support/temporary-folder.ts";
import { buildImage, executeManifest, inspect, type RunOptions, run, ZvmError } from "./index.ts";

const newFolder = temporaryFolders();
let folder = "";

beforeEach(() => {
  folder = newFolder();
});

function program(bytes: Uint8Array, name = "p.wasm"): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const EXITED = { kind: "exited", code: 0 };
const INTERRUPTED = { kind: "lost", cause: "interrupted" };

async function errorOf(options: RunOptions): Promise<ZvmError> {
  const error = await run(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ZvmError) return error;
  throw new Error("It was not refused");
}

describe("standard streams", () => {
  test.each<[string, () => NonNullable<RunOptions["stdin"]>]>([
    ["a text", () => ({ text: "häppy" })],
    ["bytes", () => new TextEncoder().encode("häppy")],
    ["a stream", () => Readable.from([Buffer.from("häp"), Buffer.from("py")])],
  ])("%s in, collected out", async (_, stdin) => {
    const { report, stdout, stderr } = await run({
      program: program(COPYING_GUEST),
      stdin: stdin(),
    });
    expect(report.outcome).toEqual(EXITED);
    expect(text(stdout)).toBe("häppy");
    expect(stderr).toHaveLength(0);
  });

  test("nothing in, unless given", async () => {
    const { report, stdout } = await run({ program: program(COPYING_GUEST) });
    expect(report.outcome).toEqual(EXITED);
    expect(stdout).toHaveLength(0);
  });

  test("a stream out is written and not ended", async () => {
    const stdout = new PassThrough();
    const chunks: Buffer[] = [];
    stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    const result = await run({ program: program(writingGuest("hello")), stdout });
    expect(`${Buffer.concat(chunks)}`).toBe("hello");
    expect(stdout.writableEnded).toBe(false);
    expect(result.stdout).toHaveLength(0);
  });

  test("a megabyte through both ways", async () => {
    const bytes = new Uint8Array(2 ** 20).map((_value, index) => index % 251);
    const stdin = Readable.from([Buffer.from(bytes)]);
    const { stdout } = await run({ program: program(COPYING_GUEST), stdin });
    expect(Buffer.compare(stdout, bytes)).toBe(0);
  });

  test("standard error is apart", async () => {
    const result = await run({ program: program(writingGuest("oh", 2)), stdout: "ignore" });
    expect([text(result.stdout), text(result.stderr)]).toEqual(["", "oh"]);
  });

  test("what is collected is bounded, and the guest is told", async () => {
    const endless = guestOf(`
      (loop $more
        (br_if $more (i32.eqz (call $write (i32.const 1) (i32.const 64) (i32.const 65536)))))
      (call $proc_exit (i32.const 3))`);
    const { report, stdout } = await run({ program: program(endless) });
    expect(report.outcome).toEqual({ kind: "exited", code: 3 });
    expect(stdout).toHaveLength(64 * 2 ** 20);
    expect(report.hits).toContainEqual({ limit: "put-bytes", channel: "/dev/stdout" });
  });
});

describe("grants", () => {
  test("a file to read, a file to write, arguments", async () => {
    makeTree(folder, { "in.csv": "data" });
    const read = [{ path: join(folder, "in.csv"), alias: "x" }];
    const shown = await run({ program: program(showingGuest("dev/x")), read });
    expect(text(shown.stdout)).toBe("data");
    const out = join(folder, "out");
    const saved = await run({
      program: program(savingGuest("dev/out", "made")),
      args: [`@+${out}`],
    });
    expect(saved.report.outcome).toEqual(EXITED);
    expect(readFileSync(out, "utf8")).toBe("made");
  });

  test("folders in their three modes", async () => {
    makeTree(folder, { "d/a": "before" });
    const host = join(folder, "d");
    const saving = program(savingGuest("in/b", "made"));
    const results: [number, Record<string, string>][] = [];
    for (const mode of ["ro", "cow", "rw"] as const) {
      const { report } = await run({ program: saving, folders: [{ host, guest: "/in", mode }] });
      results.push([report.exitStatus, readTree(host)]);
    }
    expect(results).toEqual([
      [1, { a: "before" }],
      [0, { a: "before" }],
      [0, { a: "before", b: "made" }],
    ]);
  });

  test("a folder does not come back from a session that failed", async () => {
    makeTree(folder, { "d/": "" });
    const crash = savingGuest("d/b", "made");
    const { report } = await run({
      program: program(crash),
      folders: [{ host: join(folder, "d"), mode: "rw" }],
      limits: { "fs-bytes": 2 },
    });
    expect(report.outcome.kind).toBe("exited");
    const loop = await run({
      program: program(LOOPING_GUEST),
      folders: [{ host: join(folder, "d"), mode: "rw" }],
      timeoutSeconds: 1,
    });
    expect(loop.report.outcome).toEqual({ kind: "limited", limit: "time" });
  });

  test("a folder that cannot come back is told in the report", async () => {
    makeTree(folder, { "d/x": "" });
    const host = join(folder, "d");
    const stdout = new PassThrough();
    // While the guest runs, a file takes the folder's place.
    stdout.on("data", () => {
      spawnSync("rm", ["-r", host]);
      writeFileSync(host, "");
    });
    const guest = guestOf(`
      (local $left i32)
      (drop (call $write (i32.const 1) (i32.const 64) (i32.const 1)))
      (local.set $left (i32.const 300000000))
      (loop $more (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))`);
    const { report } = await run({
      program: program(guest),
      folders: [{ host, mode: "rw" }],
      stdout,
    });
    expect(report).toMatchObject({
      outcome: { kind: "lost", cause: "export" },
      exitStatus: 125,
      classic: { exitCode: 5 },
    });
  });

  test("images in their three modes", async () => {
    makeTree(folder, { "root/a": "inside" });
    const path = join(folder, "root.tar");
    await buildImage([{ hostPath: join(folder, "root") }], path);
    const image = { path, mountpoint: "/m" };
    const shown = await run({
      program: program(showingGuest("m/a")),
      images: [{ ...image, mode: "ro" }],
    });
    expect(text(shown.stdout)).toBe("inside");
    const saving = program(savingGuest("m/b", "made"));
    const status = async (mode: "ro" | "cow") =>
      (await run({ program: saving, images: [{ ...image, mode }] })).report.exitStatus;
    expect([await status("ro"), await status("cow")]).toEqual([1, 0]);
    const out = { path: join(folder, "out.tar"), mountpoint: "/m", mode: "export" } as const;
    await run({ program: saving, images: [{ ...image, mode: "cow" }, out] });
    const again = await run({
      program: program(showingGuest("m/b")),
      images: [{ ...out, mountpoint: "/", mode: "ro" }],
    });
    expect(text(again.stdout)).toBe("made");
  });

  test("an export of a session that failed is not there", async () => {
    const path = join(folder, "out.tar");
    const { report } = await run({
      program: program(guestOf("unreachable")),
      images: [{ path, mountpoint: "/", mode: "export" }],
    });
    expect([report.exitStatus, existsSync(path)]).toEqual([132, false]);
  });

  test("dryRun starts and creates nothing", async () => {
    makeTree(folder, { "d/": "" });
    const path = program(savingGuest("dev/new", "x"));
    const before = readTree(folder);
    const { report } = await run({
      program: path,
      write: [{ path: join(folder, "new") }],
      images: [{ path: join(folder, "out.tar"), mountpoint: "/", mode: "export" }],
      folders: [{ host: join(folder, "d"), mode: "rw" }],
      dryRun: true,
    });
    expect([report.outcome, report.exitStatus]).toEqual([{ kind: "judged" }, 0]);
    expect(readTree(folder)).toEqual(before);
  });

  test("etags are those of what passed", async () => {
    const { report } = await run({ program: program(writingGuest("abc")), etag: "md5" });
    expect(report.etags.find(({ alias }) => alias === "/dev/stdout")?.hex).toBe(
      "900150983cd24fb0d6963f7d28e17f72",
    );
  });
});

describe("errors", () => {
  test.each<[string, string, Partial<RunOptions>, string]>([
    ["a missing file", "ZVM_FILE", { read: [{ path: "/nowhere/x" }] }, "/nowhere/x"],
    ["a missing argument", "ZVM_FILE", { args: ["@/nowhere/x"] }, "@/nowhere/x"],
    ["a missing folder", "ZVM_FILE", { folders: [{ host: "/nowhere", mode: "ro" }] }, "/nowhere"],
    [
      "a missing image",
      "ZVM_FILE",
      { images: [{ path: "/nowhere", mountpoint: "/", mode: "ro" }] },
      "/nowhere",
    ],
    [
      "no image",
      "ZVM_TAR",
      { images: [{ path: process.execPath, mountpoint: "/", mode: "ro" }] },
      process.execPath,
    ],
    ["a bad channel", "ZVM_CHANNEL", { channels: ["x"] }, "'x'"],
    ["a clash", "ZVM_ALIAS_CLASH", { write: [{ path: "/tmp/stdin" }] }, "/dev/stdin"],
    ["a bad name", "ZVM_USAGE", { read: [{ path: "/tmp", alias: ".." }] }, ".."],
  ])("%s: %s", async (_, code, options, words) => {
    const path = program(exitingGuest(0));
    const error = await errorOf({ program: path, write: [{ path: `${folder}/new` }], ...options });
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(readTree(folder)).toEqual({ "p.wasm": expect.any(String) });
  });

  test("no place for temporary files", async () => {
    const kept = process.env["TMPDIR"];
    process.env["TMPDIR"] = "/nowhere";
    try {
      const options = { program: program(COPYING_GUEST), stdin: { text: "x" } };
      expect(text((await run(options)).stdout)).toBe("x");
      const error = await errorOf({ ...options, record: join(folder, "record") });
      expect(error.code).toBe("ZVM_FILE");
      expect(error.message).toMatch(
        /^Cannot write a temporary file in \/nowhere \(TMPDIR\): no such/,
      );
    } finally {
      if (kept === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = kept;
    }
  });

  test("no name of a program", async () => {
    expect((await errorOf({ program: "" })).code).toBe("ZVM_USAGE");
  });

  test("a program that is missing or refused is told by the report", async () => {
    const missing = await run({ program: join(folder, "absent.wasm") });
    expect(missing.report).toMatchObject({
      exitStatus: 127,
      outcome: { kind: "refused", findings: [{ errorCode: "ZVM_PROGRAM_NOT_FOUND" }] },
    });
    const refused = await run({ program: program(new TextEncoder().encode("text")) });
    expect(refused.report.exitStatus).toBe(126);
  });
});

describe("abort", () => {
  test("before the start nothing is created", async () => {
    const { report } = await run({
      program: program(exitingGuest(0)),
      write: [{ path: join(folder, "new") }],
      signal: AbortSignal.abort(),
    });
    expect(report.outcome).toMatchObject(INTERRUPTED);
    expect(existsSync(join(folder, "new"))).toBe(false);
  });

  test("while the guest runs, and what it wrote is kept", async () => {
    const controller = new AbortController();
    const stdout = new PassThrough();
    stdout.on("data", () => controller.abort());
    const guest = guestOf(
      `(drop (call $write (i32.const 1) (i32.const 64) (i32.const 1))) (loop $again (br $again))`,
    );
    const { report } = await run({ program: program(guest), stdout, signal: controller.signal });
    expect(report.outcome).toMatchObject(INTERRUPTED);
    await expect.poll(childProcesses).toEqual([]);
  });

  test("while it waits for input that never comes", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 400);
    const stdin = new PassThrough();
    const { report } = await run({
      program: program(COPYING_GUEST),
      stdin,
      signal: controller.signal,
    });
    expect(report.outcome).toMatchObject(INTERRUPTED);
    stdin.destroy();
  });
});

describe("many sessions", () => {
  test("eight at once do not mix", async () => {
    const path = program(COPYING_GUEST);
    const inputs = Array.from({ length: 8 }, (_value, index) => `${index}`.repeat(10_000));
    const results = await Promise.all(
      inputs.map((input) => run({ program: path, stdin: { text: input } })),
    );
    expect(results.map(({ stdout }) => text(stdout))).toEqual(inputs);
  });

  test("descriptors, processes and listeners are given back", async () => {
    makeTree(folder, { "d/a": "", "in.csv": "x" });
    await buildImage([{ hostPath: join(folder, "d") }], join(folder, "t.tar.gz"));
    const options: RunOptions = {
      program: program(COPYING_GUEST),
      stdin: { text: "x" },
      read: [{ path: join(folder, "in.csv") }],
      folders: [{ host: join(folder, "d"), mode: "rw" }],
      images: [{ path: join(folder, "t.tar.gz"), mountpoint: "/m", mode: "cow" }],
    };
    await run(options);
    await expect.poll(childProcesses).toEqual([]);
    const before = [openDescriptors(), process.listenerCount("exit")];
    for (let round = 0; round < 10; round++) {
      await run(options);
      await errorOf({ ...options, folders: [{ host: "/nowhere", mode: "ro" }] });
    }
    await expect.poll(childProcesses).toEqual([]);
    await expect.poll(() => [openDescriptors(), process.listenerCount("exit")]).toEqual(before);
  });
});

test("inspect tells what a program needs", async () => {
  const found = await inspect(program(writingGuest("x")));
  expect(found).toMatchObject({ runnable: true, kind: "module" });
  const small = await inspect(program(writingGuest("x")), { memoryBytes: 65_536 });
  expect(small.runnable).toBe(false);
  await expect(inspect(join(folder, "absent"))).rejects.toThrow(
    expect.objectContaining({ code: "ZVM_PROGRAM_NOT_FOUND" }),
  );
});

test("executeManifest tells what is wrong in the report", async () => {
  const report = await executeManifest({ text: "Bogus" });
  expect(report).toMatchObject({ outcome: { kind: "refused" }, exitStatus: 125 });
});

/** The blocks of code of the page, as programs of their own. */
function documentedExamples(): string[] {
  const page = readFileSync(join(ROOT, "docs/reference/library.md"), "utf8");
  return [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
}

describe("the documented examples", () => {
  /** A project that has the built package installed. */
  function project(): string {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(ROOT, join(folder, "node_modules/zerovm"));
    makeTree(folder, { "sales.csv": "north,3\n", "package.json": '{ "type": "module" }' });
    return folder;
  }

  test("compile against the built types", () => {
    const cwd = project();
    const names = documentedExamples().map((code, index) => {
      writeFileSync(join(cwd, `${index}.ts`), `${code}\nexport {};\n`);
      return `${index}.ts`;
    });
    expect(names).toHaveLength(5);
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2023"];
    const types = ["--module", "nodenext", "--types", "node", "--typeRoots"];
    const compiler = join(ROOT, "node_modules/.bin/tsc");
    const roots = join(ROOT, "node_modules/@types");
    const checked = spawnSync(compiler, [...options, ...types, roots, ...names], { cwd });
    expect(`${checked.stdout}${checked.stderr}`).toBe("");
  });

  test("run", async () => {
    const cwd = project();
    const outputs: string[] = [];
    for (const [index, code] of documentedExamples().entries()) {
      writeFileSync(join(cwd, `${index}.js`), code);
      const { status, stdout, stderr } = await runNode([`${index}.js`], { cwd });
      expect([status, stderr]).toEqual([0, ""]);
      outputs.push(stdout);
    }
    expect(outputs[0]).toBe("north,3\n\n\n");
    expect(readFileSync(join(cwd, "upper.csv"), "utf8")).toBe("NORTH,3\n");
    expect(outputs[2]).toBe("F_PLLOUT:   60.000 MHz (requested)\n");
    expect(outputs[3]).toBe("42\n\n");
    expect(outputs[4]).toContain("Timeout");
  });
});
