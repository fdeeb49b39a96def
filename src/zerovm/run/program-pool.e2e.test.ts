import { closeSync, fstatSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { assembledNexe } from "../../../test/support/assembled-nexe.ts";
import { exitingGuest, guestOf, writingGuest } from "../../../test/support/guests.ts";
import { trapLines, writingNexe } from "../../../test/support/nexe-text.ts";
import { childProcesses, openDescriptors, openedSince } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { type Cell, encodeOrder, type Order, startCell, warmOrder } from "../cell/index.ts";
import { parseOffer } from "../cell/launch/offer.ts";
import { connectTo, loadPoll, POLL_IN, receiveMessage } from "../libc/index.ts";
import { type CellPool, servePool } from "../pool/index.ts";
import type { Report } from "../report/index.ts";
import { type ProgramPoolOptions, programPool, run } from "./index.ts";

const newFolder = temporaryFolders();
const pools: CellPool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) pool.close();
  await expect.poll(childProcesses).toEqual([]);
});

async function poolFor(options: ProgramPoolOptions): Promise<CellPool> {
  const pool = await programPool(options);
  pools.push(pool);
  return pool;
}

function written(guest: Uint8Array, name = "guest.wasm"): string {
  const path = join(newFolder(), name);
  writeFileSync(path, guest);
  return path;
}

/** Runs code at its start, grows, calls by a table, and keeps what it is told in its memory. */
const STATEFUL = guestOf(
  `(drop (call $args_get (i32.const 256) (i32.const 512)))
    (drop (call $environ_get (i32.const 1024) (i32.const 1280)))
    (i32.store (i32.const 32) (memory.grow (i32.const 3)))
    (i32.store (i32.const 36) (memory.grow (i32.const 60000)))
    (i32.store (i32.const 40) (call_indirect (result i32) (i32.const 1)))
    (i32.store (i32.const 44) (global.get $count))
    (drop (call $write (i32.const 1) (i32.const 32) (i32.const 40)))`,
  `(table 2 2 funcref) (elem (i32.const 1) $answer)
    (global $count (mut i32) (i32.const 5))
    (func $answer (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (global.get $count))
    (data (i32.const 64) "started ")
    (start $begin)
    (func $begin
      (drop (call $answer))
      (drop (call $write (i32.const 1) (i32.const 64) (i32.const 8))))`,
  `(import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get"
      (func $environ_get (param i32 i32) (result i32)))
    (memory (export "memory") 2)`,
);

const COUNTING_NEXE = assembledNexe(
  writingNexe("movl out(%rip), %eax\naddl $7, %eax\nmovl %eax, out(%rip)", 4),
);

/** An order for the program of the pool, with an empty file in place of its module. */
async function withoutModule(cell: Cell, more: Partial<Order> = {}): Promise<string | undefined> {
  const fd = openSync("/dev/null", "r+");
  try {
    const order = warmOrder(0);
    const running = startCell({
      order: encodeOrder({ ...order, ...more, program: { ...order.program, compiled: true } }),
      handovers: [fd, fd],
      answerBytesMax: 2 ** 20,
      onStart: () => undefined,
      cell,
    });
    return (await running.end).answer;
  } finally {
    closeSync(fd);
  }
}

/** A program for Native Client, which writes six bytes if its lines do not end it. */
function writtenNexe(lines: string): string {
  return written(assembledNexe(writingNexe(lines, 6)), "guest.nexe");
}

/** A guest that may read and write all its memory. */
const NEXE: NonNullable<Order["nexe"]> = {
  policy: "zerovm",
  regions: [
    { end: 0x1_0000, access: "none" },
    { end: 2 ** 32, access: "rw" },
  ],
  heap: { start: 0x100_0000, end: 0x200_0000 },
  code: { start: 0x2_0000, end: 0x3_0000 },
  hashed: [{ start: 0x1_0000, end: 2 ** 32 }],
};

/** What does not depend on where and when the session ran. */
function lasting({ outcome, traceHash, etags, hits, fuel, memory, channels }: Report) {
  return { outcome, traceHash, etags, hits, fuel, bytes: memory.linearBytes, channels };
}

/** What a pool that listens there hands to whoever connects. */
async function lentBy(path: string) {
  const socket = connectTo(path);
  const bytes = new Uint8Array(4096);
  // Somebody else in this very process answers.
  await expect.poll(() => loadPoll()?.(socket, POLL_IN, 0)).toBe(true);
  const { sizeBytes, fds } = receiveMessage(socket, bytes);
  closeSync(socket);
  return { offer: parseOffer(new TextDecoder().decode(bytes.subarray(0, sizeBytes))), fds };
}

// Cells need Linux.
describe.runIf(process.platform === "linux")("a pool for one program", () => {
  test("runs it as any other cell does, also when it is asked for other limits", async () => {
    const program = written(writingGuest("hello"));
    const pool = await poolFor({ program, size: 1 });
    await pool.filled();
    const asked = [
      {},
      { memoryBytes: 2 ** 20 },
      { fuel: 1000n },
      { verify: true },
      { tier: "dynamic" },
    ] as const;
    for (const options of asked) {
      const alone = await run({ program, ...options });
      const { report, stdout } = await run({ program, pool, ...options });
      expect(report.outcome).toEqual({ kind: "exited", code: 0 });
      expect(new TextDecoder().decode(stdout)).toBe("hello");
      expect(report.traceHash).toBe(alone.report.traceHash);
    }
  });

  test.each([
    ["a module", "guest.wasm", STATEFUL, 2 ** 20, 48],
    ["a nexe", "guest.nexe", COUNTING_NEXE, 2 ** 26, 4],
  ])("leaves the same of %s as a cell of its own", async (_, name, bytes, memoryBytes, size) => {
    const program = join(newFolder(), name);
    writeFileSync(program, bytes);
    for (const limits of [{ memoryBytes }, { memoryBytes, fuel: 1_000_000n }]) {
      const told = { args: ["one"], env: { NAME: "x" } };
      const options = { program, etag: "sha256", ...told, ...limits } as const;
      const pool = await poolFor({ program, size: 1, ...limits });
      const alone = await run(options);
      const pooled = await run({ ...options, pool });
      expect(pooled.report.cell).toBe("compiled");
      expect(pooled.stdout).toEqual(alone.stdout);
      expect(pooled.stdout).toHaveLength(size);
      expect(lasting(pooled.report)).toEqual(lasting(alone.report));
    }
  });

  test("serves other programs too", async () => {
    const pool = await poolFor({ program: written(writingGuest("hello")), size: 1 });
    const { report } = await run({ program: written(exitingGuest(7)), pool });
    expect(report.outcome).toEqual({ kind: "exited", code: 7 });
  });

  test("has compiled it before the order comes", async () => {
    const pool = await poolFor({ program: written(exitingGuest(7)), size: 1 });
    const answer = JSON.parse((await withoutModule(await pool.take())) ?? "{}");
    expect(answer.outcome).toEqual({ kind: "exited", code: 7 });
  });

  test("has translated a Native Client program, and compiled what it became", async () => {
    const pool = await poolFor({ program: writtenNexe(trapLines("Exit", 9)), size: 1 });
    const answer = JSON.parse((await withoutModule(await pool.take(), { nexe: NEXE })) ?? "{}");
    expect(answer.outcome).toEqual({ kind: "exited", code: 9 });
  });

  test("runs a Native Client program as any other cell does", async () => {
    const program = writtenNexe("movl $0x6c6c6568, out(%rip)\nmovw $0x0a6f, out+4(%rip)");
    const pool = await poolFor({ program, size: 1 });
    const asked = [
      {},
      { fuel: 10n ** 6n },
      { strictMemory: true },
      { policy: "nacl" },
      // The cell has the 4 GiB of the expected session by then.
      { memoryBytes: 2 ** 25 },
    ] as const;
    for (const options of asked) {
      await pool.filled();
      const alone = await run({ program, ...options });
      const { report, stdout } = await run({ program, pool, ...options });
      expect(report.outcome).toEqual(alone.report.outcome);
      expect([report.fuel, report.traceHash]).toEqual([alone.report.fuel, alone.report.traceHash]);
      expect(new TextDecoder().decode(stdout)).toBe("hello\n");
    }
  });

  test("lends its cells with what they compiled", async () => {
    const socket = join(newFolder(), "own", "pool.sock");
    const pool = await poolFor({ program: written(exitingGuest(7)), size: 1 });
    await pool.filled();
    const stop = await servePool(pool, socket);
    const lent = await lentBy(socket);
    stop();
    const { key, sizeBytes } = pool.compiled ?? {};
    expect(lent.offer?.compiled).toEqual({ key, sizeBytes });
    // What connects us with the cell, and the file of the module.
    expect(lent.fds).toHaveLength(5);
    expect(fstatSync(lent.fds[4] ?? -1).size).toBe(sizeBytes);
    for (const fd of lent.fds) closeSync(fd);
  });

  test("refuses what is no program, and leaves no descriptor open", async () => {
    const before = openDescriptors();
    const program = written(new Uint8Array(100));
    await expect(programPool({ program, size: 1 })).rejects.toMatchObject({
      code: "ZVM_PROGRAM_REFUSED",
    });
    const pool = await poolFor({ program: written(exitingGuest(0)), size: 1 });
    await pool.filled();
    pool.close();
    await expect.poll(() => openedSince(before)).toEqual([]);
  });
});
