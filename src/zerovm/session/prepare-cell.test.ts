import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { forkingGuest } from "../../../test/support/forking-guest.ts";
import {
  channel,
  channelsWith,
  childProcesses,
  manifestFor,
  openDescriptors,
  openedSince,
} from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { Manifest } from "../manifest/index.ts";
import { CellPool } from "../pool/index.ts";
import { prepareCell } from "./prepare-cell.ts";
import type { SessionRequest } from "./request.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();
const pools: CellPool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) pool.close();
  await expect.poll(childProcesses).toEqual([]);
});

const bytes = (text: string) => new TextEncoder().encode(text);

/** Sessions of one prepared program: each with contents to read and a file to write. */
class Prepared {
  readonly folder = newFolder();
  readonly pool: CellPool;
  readonly #manifest: Manifest;
  readonly #outputs: Partial<Manifest>;

  constructor(guest: Uint8Array, fields: Partial<Manifest> = {}, input = "") {
    this.#outputs = fields;
    this.#manifest = manifestFor(this.folder, guest, fields);
    const request: SessionRequest = {
      manifest: this.manifestTo("prepared"),
      substitutes: new Map([["/dev/stdin", { kind: "contents", bytes: bytes(input) }]]),
    };
    this.pool = new CellPool({ size: 1, prepare: (cell) => prepareCell(request, cell) });
    pools.push(this.pool);
  }

  manifestTo(
    output: string,
    limits: Partial<Manifest["channels"][number]["limits"]> = {},
  ): Manifest {
    const out = channel("/dev/stdout", join(this.folder, output), "wo", { etag: true });
    const bounded = { ...out, limits: { ...out.limits, ...limits } };
    const channels = channelsWith(bounded, ...(this.#outputs.channels ?? []));
    return { ...this.#manifest, ...this.#outputs, channels };
  }

  async run(input: string, request: Partial<SessionRequest> = {}) {
    const report = await runSession({
      manifest: this.manifestTo("session"),
      substitutes: new Map([["/dev/stdin", { kind: "contents", bytes: bytes(input) }]]),
      pool: this.pool,
      ...request,
    });
    return { report, output: this.outputOf("session") };
  }

  outputOf(name: string): string {
    return existsSync(join(this.folder, name))
      ? readFileSync(join(this.folder, name), "latin1")
      : "";
  }
}

// Cells need Linux.
describe.runIf(process.platform === "linux")("a prepared cell", () => {
  test("goes on from its point with the channels of each session", async () => {
    const prepared = new Prepared(forkingGuest("(drop (call $zfork)) (call $copy)"));
    const first = await prepared.run("one");
    expect([first.report.outcome, first.output]).toEqual([{ kind: "exited", code: 0 }, "one"]);
    const second = await prepared.run("another");
    expect([second.report.outcome, second.output]).toEqual([
      { kind: "exited", code: 0 },
      "another",
    ]);
    expect(second.report.walls).toContain("seccomp");
  });

  test("keeps positions, and counts and digests anew", async () => {
    const guest = forkingGuest(
      "(call $before) (drop (call $read (i32.const 0) (i32.const 3))) (drop (call $zfork)) (call $copy)",
    );
    const prepared = new Prepared(guest, {}, "abcdef");
    const { report, output } = await prepared.run("ABCDEFGH");
    // A new input is read from the old position, a new output has a hole up to it.
    expect(output).toBe(`${"\0".repeat(7)}DEFGH`);
    expect(prepared.outputOf("prepared")).toBe("before ");
    const [stdin, stdout] = report.channels;
    expect(stdin).toMatchObject({ gets: 2, getBytes: 5 });
    expect(stdout).toMatchObject({ puts: 2, putBytes: 5 });
    const { createHash } = await import("node:crypto");
    expect(report.etags).toEqual([
      { alias: "/dev/stdout", hex: createHash("sha1").update("DEFGH").digest("hex") },
    ]);
  });

  test("reads on where the input had ended before", async () => {
    const guest = forkingGuest("(call $copy) (drop (call $zfork)) (call $copy)");
    const prepared = new Prepared(guest, {}, "ab");
    expect((await prepared.run("ABCD")).output).toBe("\0\0CD");
  });

  test("has the limits of the session, from the point on", async () => {
    const guest = forkingGuest("(call $before) (drop (call $zfork)) (call $copy)");
    const prepared = new Prepared(guest);
    const manifest = prepared.manifestTo("session", { putBytes: 6n });
    const { report, output } = await prepared.run("0123456789", { manifest });
    expect(output).toBe(`${"\0".repeat(7)}012345`);
    expect(report.hits).toEqual([{ limit: "put-bytes", channel: "/dev/stdout" }]);
  });

  test("tells the arguments of the session at the first read of /dev/zfork", async () => {
    const prepared = new Prepared(forkingGuest("(call $words)"));
    const { configWith } = await import("../../zrt/nvram/index.ts");
    const zrt = configWith({ args: ["one", "zwei \xe4"] });
    expect((await prepared.run("", { zrt })).output).toBe("one\0zwei \xe4\0");
    expect((await prepared.run("")).output).toBe("stub\0");
  });

  test("gives the same trace hash for the same preparation and session", async () => {
    const prepared = new Prepared(forkingGuest("(call $before) (drop (call $zfork)) (call $copy)"));
    const hashes: (string | undefined)[] = [];
    for (const input of ["same", "same", "else"]) {
      hashes.push((await prepared.run(input)).report.traceHash);
    }
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  test("starts the time and the fuel of the session at the point", async () => {
    const guest = forkingGuest("(drop (call $zfork)) (loop $again (br $again))");
    const prepared = new Prepared(guest, { timeoutSeconds: 1 });
    await prepared.pool.filled();
    const { report } = await prepared.run("");
    expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
    expect(report.times.guestMs).toBeGreaterThanOrEqual(990);
    const eager = forkingGuest(`
      (local $left i32)
      (local.set $left (i32.const 10000))
      (loop $more
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $more (local.get $left)))
      (drop (call $zfork))
      (loop $again (br $again))`);
    const fueled = new Prepared(eager, { fuel: 100_000n });
    const spent = await fueled.run("");
    expect(spent.report.outcome).toEqual({ kind: "limited", limit: "fuel" });
    expect(spent.report.fuel?.used).toBeGreaterThan(99_900n);
    expect(spent.report.fuel?.used).toBeLessThan(100_100n);
  });

  test("has one point: later ones pass at once", async () => {
    const prepared = new Prepared(
      forkingGuest("(drop (call $zfork)) (drop (call $zfork)) (call $words) (call $after)"),
    );
    expect((await prepared.run("")).output).toBe("stub\0after ");
  });

  test("may have its point in the start function", async () => {
    const early = "(func $early (drop (call $zfork)) (call $after)) (start $early)";
    const prepared = new Prepared(forkingGuest("(call $copy)", early));
    expect((await prepared.run("one")).output).toBe("after one");
  });

  test("is not gone on with by other channels", async () => {
    const prepared = new Prepared(forkingGuest("(drop (call $zfork)) (call $copy)"));
    const manifest = prepared.manifestTo("session");
    const more = channel("/dev/more", "/dev/null", "ro");
    const wrong = (channels: Manifest["channels"]) => {
      return runSession({ manifest: { ...manifest, channels }, pool: prepared.pool });
    };
    const refusal = "The prepared program cannot go on with other channels: ";
    await expect(wrong([...manifest.channels, more])).rejects.toThrow(
      `${refusal}the channel /dev/more was not there when it was prepared`,
    );
    const without = manifest.channels.filter(({ alias }) => alias !== "/dev/stderr");
    await expect(wrong([...without, { ...more, alias: "/dev/stderr" }])).rejects.toThrow(
      `${refusal}the channel /dev/stderr is read, and was written`,
    );
    const turned = manifest.channels.map((it) =>
      it.alias === "/dev/stdin" ? { ...it, type: 3 } : it,
    );
    await expect(wrong(turned)).rejects.toThrow(
      `${refusal}the channel /dev/stdin has type 3, and had 0`,
    );
    // The cell was not used up.
    expect((await prepared.run("still")).output).toBe("still");
  });
});

// Cells need Linux.
describe.runIf(process.platform === "linux")("a program that does not come to its point", () => {
  test.each([
    ["exits before", "(call $exit (i32.const 3))", "it ended with exit code 3"],
    ["returns before", "", "it ended with exit code 0"],
    ["loops before", "(loop $again (br $again))", "it met its limit of time"],
    ["faults before", "unreachable", "unreachable"],
  ])("%s", async (_, body, how) => {
    const before = openDescriptors();
    const prepared = new Prepared(forkingGuest(body), { timeoutSeconds: 1 });
    const message = `The program did not come to its point: ${how}`;
    await expect(prepared.pool.ready()).rejects.toThrow(message);
    await expect(prepared.run("")).rejects.toThrow(message);
    // Not tried again by itself, and tried again when somebody asks.
    await expect(prepared.pool.ready()).rejects.toThrow(message);
    prepared.pool.close();
    await expect.poll(() => openedSince(before)).toEqual([]);
  });
});

// Cells need Linux.
describe.runIf(process.platform === "linux")("the end of prepared cells", () => {
  const WAITING = forkingGuest("(drop (call $zfork)) (call $copy)");

  test("one that is killed while it waits is replaced", async () => {
    const prepared = new Prepared(WAITING);
    await prepared.pool.filled();
    for (const pid of childProcesses()) process.kill(Number(pid), "SIGKILL");
    await expect.poll(() => prepared.pool.state.waiting, { interval: 1 }).toBe(0);
    expect((await prepared.run("on")).output).toBe("on");
  });

  test("a session in it can be interrupted", async () => {
    const prepared = new Prepared(forkingGuest("(drop (call $zfork)) (loop $again (br $again))"));
    await prepared.pool.ready();
    const control = new AbortController();
    const running = prepared.run("", { signal: control.signal });
    await expect.poll(() => prepared.pool.state.waiting, { interval: 1 }).toBe(0);
    control.abort();
    expect((await running).report.outcome).toMatchObject({ kind: "lost", cause: "interrupted" });
  });

  test("nothing is left when the pool is closed, whatever its cells do", async () => {
    const before = openDescriptors();
    const waiting = new Prepared(WAITING);
    await waiting.pool.filled();
    const looping = new Prepared(forkingGuest("(loop $again (br $again))"));
    await expect.poll(() => looping.pool.state.starting).toBeGreaterThan(0);
    const refused = expect(looping.pool.ready()).rejects.toThrow("The pool is closed");
    waiting.pool.close();
    looping.pool.close();
    await refused;
    await expect.poll(childProcesses).toEqual([]);
    await expect.poll(() => openedSince(before)).toEqual([]);
  });

  test("files of a session that was refused a cell stay as they were", async () => {
    const prepared = new Prepared(WAITING);
    const manifest = prepared.manifestTo("kept");
    writeFileSync(join(prepared.folder, "kept"), "contents");
    const more = channel("/dev/more", "/dev/null", "ro");
    const channels = [...manifest.channels, more];
    const session = runSession({ manifest: { ...manifest, channels }, pool: prepared.pool });
    await expect(session).rejects.toThrow("cannot go on with other channels");
    expect(prepared.outputOf("kept")).toBe("contents");
  });
});
