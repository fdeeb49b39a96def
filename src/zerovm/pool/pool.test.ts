import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { writingGuest } from "../../../test/support/guests.ts";
import {
  childProcesses,
  manifestFor,
  openDescriptors,
  openedSince,
} from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { borrowCell } from "../cell/launch/borrow.ts";
import { runSession } from "../session/index.ts";
import { CellPool } from "./pool.ts";
import { servePool } from "./serve-pool.ts";

const newFolder = temporaryFolders();
const pools: CellPool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) pool.close();
  vi.unstubAllEnvs();
  await expect.poll(childProcesses).toEqual([]);
});

function newPool(size: number, options: Partial<ConstructorParameters<typeof CellPool>[0]> = {}) {
  const pool = new CellPool({ size, ...options });
  pools.push(pool);
  return pool;
}

// Cells need Linux.
describe.runIf(process.platform === "linux")("a pool", () => {
  test("gives each session a cell of its own, and replaces it", async () => {
    const pool = newPool(1);
    await pool.filled();
    const manifest = manifestFor(newFolder(), writingGuest("hello"));
    const hashes = new Set<string | undefined>();
    for (let turn = 0; turn < 3; turn += 1) {
      const report = await runSession({ manifest, pool });
      expect(report.outcome).toEqual({ kind: "exited", code: 0 });
      expect(report.walls).toContain("seccomp");
      hashes.add(report.traceHash);
      await pool.filled();
    }
    hashes.add((await runSession({ manifest })).traceHash);
    expect(hashes.size).toBe(1);
  });

  test("serves whoever waits, in order, and refuses who is too many", async () => {
    const pool = newPool(1, { queueMax: 2 });
    const asked = [pool.take(), pool.take()];
    await expect(pool.take()).rejects.toThrow(/2 sessions wait for a cell already/);
    const cells = await Promise.all(asked);
    expect(new Set(cells).size).toBe(2);
    for (const cell of cells) {
      cell.kill();
      cell.release();
    }
  });

  test("lets go of who is interrupted while it waits, and serves the next", async () => {
    const pool = newPool(1, { queueMax: 1 });
    const control = new AbortController();
    const { signal } = control;
    const manifest = manifestFor(newFolder(), writingGuest("hello"));
    const session = runSession({ manifest, pool, signal });
    await expect.poll(() => pool.state.queued).toBe(1);
    control.abort();
    expect((await session).outcome).toMatchObject({ kind: "lost", cause: "interrupted" });
    expect(pool.state.queued).toBe(0);
    expect((await runSession({ manifest, pool })).outcome).toEqual({ kind: "exited", code: 0 });
  });

  test("refuses those who wait when it is closed, and leaves nothing behind", async () => {
    const before = openDescriptors();
    const pool = newPool(2);
    const asked = pool.take();
    pool.close();
    await expect(asked).rejects.toThrow("The pool is closed");
    await expect(pool.take()).rejects.toThrow("The pool is closed");
    await expect.poll(() => openedSince(before)).toEqual([]);
  });

  test("replaces a cell that died while it waited", async () => {
    const pool = newPool(1);
    await pool.filled();
    const killed = childProcesses();
    for (const pid of killed) process.kill(Number(pid), "SIGKILL");
    const others = () => childProcesses().filter((pid) => !killed.includes(pid)).length;
    // The next may wait before anybody sees that none does.
    await expect.poll(others, { timeout: 60_000 }).toBeGreaterThan(0);
    await pool.filled();
    expect(pool.state.waiting).toBe(1);
  });

  test("keeps one cell when nobody comes", async () => {
    const pool = newPool(2, { idleSeconds: 1 });
    await pool.filled();
    await expect.poll(() => pool.state.waiting, { timeout: 60_000 }).toBe(1);
  });

  test.each([0, -1, 1.5, Number.NaN])("has no size of %d", (size) => {
    expect(() => new CellPool({ size })).toThrow(/size is whole cells from 1 to 10000/);
  });
});

// Cells need Linux.
describe.runIf(process.platform === "linux")("a pool for other processes", () => {
  test("lends cells that work, each once, over a socket closed to others", async () => {
    const folder = join(newFolder(), "own");
    const path = join(folder, "pool.sock");
    const pool = newPool(1);
    await pool.filled();
    const stop = await servePool(pool, path);
    expect(statSync(folder).mode & 0o077).toBe(0);
    await expect(servePool(pool, path)).rejects.toThrow(/a pool listens there already/);
    stop();
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ["a path that the system would cut", `${"a".repeat(120)}/s`, /has 1 to 107 bytes, not 122/],
    ["no path", "", /has 1 to 107 bytes, not 0/],
  ])("refuses %s", async (_, path, says) => {
    const pool = newPool(1);
    await expect(servePool(pool, path)).rejects.toThrow(says);
  });

  test("refuses a folder where others could put a socket", async () => {
    const folder = join(newFolder(), "open");
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const pool = newPool(1);
    await expect(servePool(pool, join(folder, "s"))).rejects.toThrow(/closed to others: chmod 700/);
    expect(existsSync(join(folder, "s"))).toBe(false);
  });

  test("is not asked where others could have put the socket", () => {
    const folder = join(newFolder(), "open");
    mkdirSync(folder, { mode: 0o777 });
    vi.stubEnv("ZEROVM_POOL", join(folder, "pool.sock"));
    expect(borrowCell()).toBeUndefined();
    vi.stubEnv("ZEROVM_POOL", join(folder, "nowhere", "pool.sock"));
    expect(borrowCell()).toBeUndefined();
  });
});
