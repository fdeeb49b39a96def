/** Programs whose takers go away before they are made. */
import { closeSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { exitingGuest } from "../../../test/support/guests.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { type MakeProgram, makeProgram } from "./make-program.ts";
import { sessionBase } from "./node-manifest.ts";
import { ProgramCells } from "./program-cells.ts";
import { ProgramShelf } from "./program-shelf.ts";

const newFolder = temporaryFolders();
const { manifest } = sessionBase({ id: 1 }, { memoryBytes: 2 ** 20 });

/** A shelf over one program, which is made when somebody says how. */
function slowShelf() {
  const makings: ((make: MakeProgram) => void)[] = [];
  const make: MakeProgram = async (asked, turn) => {
    const how = await new Promise<MakeProgram>((resolve) => makings.push(resolve));
    return await how(asked, turn);
  };
  const shelf = new ProgramShelf({ make });
  const path = join(newFolder(), "p.wasm");
  const bytes = exitingGuest(0);
  writeFileSync(path, bytes);
  const take = async (account: string, signal: AbortSignal) => {
    const fd = openSync(path, "r");
    const pieces = [{ fd, startBytes: 0, sizeBytes: bytes.length, isWholeFile: true }];
    const file = { url: path, open: async () => ({ pieces, sha256: "00" }) };
    const taker = { account, use: "run", signal } as const;
    return await shelf.take(file, manifest, taker).finally(() => closeSync(fd));
  };
  return { shelf, take, makings };
}

const openCount = (): number => readdirSync("/proc/self/fd").length;
const { signal: staying } = new AbortController();

test("who goes away waits for no making, and the others get what is made", async () => {
  const before = openCount();
  const { shelf, take, makings } = slowShelf();
  const leaving = new AbortController();
  const left = take("a", leaving.signal);
  await expect.poll(() => makings.length).toBe(1);
  const other = take("b", staying);
  leaving.abort("gone");
  await expect(left).rejects.toBe("gone");
  makings[0]?.(makeProgram);
  const taken = await other;
  expect(taken.verdict.kind).toBe("accepted");
  const again = await take("c", staying);
  expect(again.verdict).toBe(taken.verdict);
  for (const one of [taken, again]) one.release();
  shelf.close();
  await expect.poll(openCount).toBe(before);
});

test("what was made for nobody is kept, and what came to nothing is made anew", async () => {
  const before = openCount();
  const { shelf, take, makings } = slowShelf();
  const failed = async (): Promise<never> => {
    throw new Error("no thread");
  };
  for (const [at, how] of [failed, makeProgram].entries()) {
    const leaving = new AbortController();
    const left = take("a", leaving.signal);
    await expect.poll(() => makings.length).toBe(at + 1);
    leaving.abort("gone");
    await expect(left).rejects.toBe("gone");
    makings[at]?.(how);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const taken = await take("b", staying);
  expect([taken.verdict.kind, makings.length]).toEqual(["accepted", 2]);
  taken.release();
  shelf.close();
  await expect.poll(openCount).toBe(before);
});

test("one that is not kept any more gets no cells of its own, which nobody would end", async () => {
  const cells = new ProgramCells();
  const use = vi.spyOn(cells, "use").mockReturnValue(undefined);
  const shelf = new ProgramShelf({ programsMax: 1, cells });
  const take = async (sha256: string) => {
    const bytes = exitingGuest(0);
    const path = join(newFolder(), "p.wasm");
    writeFileSync(path, bytes);
    const fd = openSync(path, "r");
    const pieces = [{ fd, startBytes: 0, sizeBytes: bytes.length, isWholeFile: true }];
    const file = { url: path, open: async () => ({ pieces, sha256 }) };
    return await shelf.take(file, manifest).finally(() => closeSync(fd));
  };
  const [former, kept] = [await take("1"), await take("2")];
  former.cells();
  expect(use).not.toHaveBeenCalled();
  kept.cells();
  expect(use).toHaveBeenCalledOnce();
  for (const one of [former, kept]) one.release();
  shelf.close();
});
