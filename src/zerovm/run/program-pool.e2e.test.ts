import { closeSync, fstatSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { assembledNexe } from "../../../test/support/assembled-nexe.ts";
import { exitingGuest, writingGuest } from "../../../test/support/guests.ts";
import { trapLines, writingNexe } from "../../../test/support/nexe-text.ts";
import { childProcesses, openDescriptors, openedSince } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { type Cell, encodeOrder, type Order, startCell, warmOrder } from "../cell/index.ts";
import { parseOffer } from "../cell/offer.ts";
import { connectTo, loadPoll, POLL_IN, receiveMessage } from "../libc/index.ts";
import { type CellPool, servePool } from "../pool/index.ts";
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
    const asked = [{}, { fuel: 10n ** 6n }, { strictMemory: true }, { policy: "nacl" }] as const;
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
