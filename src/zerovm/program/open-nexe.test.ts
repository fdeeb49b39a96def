import { createHash } from "node:crypto";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT_LINES, nexeOf, TRAP_BLOCK } from "../../../test/support/translated-guest.ts";
import { closeProgram, examineAny, examineProgram, type LoadOptions } from "./load-program.ts";
import { prepareNexe } from "./open-nexe.ts";
import { prepareProgram } from "./prepare-program.ts";

const folder = mkdtempSync(join(tmpdir(), "zerovm-nexe-"));
const RULES = { policy: "zerovm", strictMemory: false } as const;
const OPTIONS: LoadOptions = {
  memoryBytes: 2 ** 32,
  tableElements: 65_536,
  hostImports: new Map([["nacl", new Set(["trap", "syscall", "unknown", "fault"])]]),
};
let cacheBefore: string | undefined;

beforeAll(() => {
  cacheBefore = process.env["ZEROVM_CACHE"];
  process.env["ZEROVM_CACHE"] = join(folder, "cache");
});

afterAll(() => {
  if (cacheBefore === undefined) delete process.env["ZEROVM_CACHE"];
  else process.env["ZEROVM_CACHE"] = cacheBefore;
  rmSync(folder, { recursive: true, force: true });
});

/** A program that ends with a code of its own, so that no other test has translated it. */
function programOf(name: string, code: number): string {
  const path = join(folder, name);
  writeFileSync(path, nexeOf(sourceOf(code)));
  return path;
}

function sourceOf(code: number): string {
  return `.text\n.globl _start\n_start:\n  movl $${code}, %ebx\n${EXIT_LINES}\n.data\n${TRAP_BLOCK}\n`;
}

/** The digest of the module that a program is opened as. */
async function openedAs(path: string): Promise<string> {
  const verdict = await examineAny(path, OPTIONS);
  if (verdict.kind === "refused") throw new Error(verdict.findings[0]?.message);
  closeProgram(verdict.program);
  return digestOf(verdict.program.nexe?.module);
}

/** Arrays of this size take seconds to be compared by a matcher. */
function digestOf(module: Uint8Array | undefined): string {
  return createHash("sha256")
    .update(module ?? new Uint8Array(0))
    .digest("hex");
}

describe("prepareNexe()", () => {
  test("finds what was kept, and loads the tools where there is nothing", async () => {
    const path = programOf("kept.nexe", 1);
    const first = await prepareNexe(path, RULES);
    expect(first.nexeTools).toBeDefined();
    const opened = await openedAs(path);
    const second = await prepareNexe(path, RULES);
    expect(second.nexeTools).toBeUndefined();
    expect(digestOf(second.keptNexe?.module)).toBe(opened);
    expect(await openedAs(path)).toBe(opened);
    const strict = await prepareNexe(path, { ...RULES, strictMemory: true });
    expect(strict.nexeTools).toBeDefined();
  });

  test("makes what is damaged again", async () => {
    const path = programOf("damaged.nexe", 2);
    const opened = await openedAs(path);
    const { keptNexe } = await prepareNexe(path, RULES);
    truncateSync(keptNexe?.place ?? "", 100);
    expect((await prepareNexe(path, RULES)).nexeTools).toBeDefined();
    expect(await openedAs(path)).toBe(opened);
    expect(digestOf((await prepareNexe(path, RULES)).keptNexe?.module)).toBe(opened);
    expect(readdirSync(join(keptNexe?.place ?? "", ".."))).toHaveLength(2);
  });

  test("has nothing for a file of another kind", async () => {
    const path = join(folder, "text.wasm");
    writeFileSync(path, "no program");
    expect(await prepareNexe(path, RULES)).toEqual({});
  });
});

test("what was kept of other contents is not used", async () => {
  const path = programOf("changed.nexe", 3);
  await openedAs(path);
  const kept = await prepareNexe(path, RULES);
  expect(kept.keptNexe).toBeDefined();
  programOf("changed.nexe", 4);
  expect(() => examineProgram(path, { ...OPTIONS, ...kept })).toThrow(/was changed after/);
});

test("prepareProgram() makes a module of a nexe again that was damaged in the cache", async () => {
  const path = join(folder, "rewritten.nexe");
  writeFileSync(path, nexeOf(`${sourceOf(5)}\n.space 65536\n`));
  const verdict = await examineAny(path, OPTIONS);
  if (verdict.kind === "refused") throw new Error(verdict.findings[0]?.message);
  const limits = { memory: 2 ** 32, table: 65_536, stack: 400_000 };
  const prepared = () =>
    prepareProgram(verdict.program, { limits, isMetered: false, isOutlined: false });
  const first = prepared();
  const again = prepared();
  const kept = join(folder, "cache", "prepared");
  for (const name of readdirSync(kept)) {
    const bytes = readFileSync(join(kept, name));
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    writeFileSync(join(kept, name), bytes);
  }
  expect(readdirSync(kept)).toHaveLength(1);
  expect([again, prepared()]).toEqual([first, first]);
  closeProgram(verdict.program);
});
