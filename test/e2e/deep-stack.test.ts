import { expect, test } from "vitest";
import { LIMIT_TABLE } from "../../src/base/index.ts";
import type { Tier } from "../../src/zerovm/report/index.ts";
import { runSession } from "../../src/zerovm/session/index.ts";
import { guestOf } from "../support/guests.ts";
import { runNexe } from "../support/nexe-session.ts";
import { writingNexe } from "../support/nexe-text.ts";
import { manifestFor } from "../support/sessions.ts";
import { Shell } from "../support/shell.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();
const TIERS: readonly Tier[] = ["auto", "optimise", "dynamic"];
const MOST = LIMIT_TABLE.stack.maximum;
const BUNDLE_BYTES = 32;

/** A nexe that calls itself so often, each time with 48 bytes of its stack, and writes its sum. */
const deepNexe = (calls: number): string =>
  writingNexe(
    `movl $${calls}, %edi
    xorl %eax, %eax
    naclcall deeper
    movl %eax, out(%rip)
    jmp finish`,
    4,
    `.p2align 5
    deeper: testl %edi, %edi
    je back
    naclrsp sub $40
    subl $1, %edi
    naclcall deeper
    addl $1, %eax
    naclrsp add $40
    .p2align 5
    back: naclret`,
  );

test("a Native Client program calls itself 50,000 times by default", async () => {
  const { report, output } = await runNexe(newFolder(), deepNexe(50_000));
  expect(report.outcome).toEqual({ kind: "exited", code: 0 });
  expect(output.readUInt32LE(0)).toBe(50_000);
});

/** Calls itself by a pointer without end: by that of a place it names, or of the one before. */
const endlessNexe = (distance: number): string =>
  writingNexe(
    "jmp again",
    4,
    `.p2align 5
    nop
    .p2align 5
    again: leaq again(%rip), %rcx
    subl $${distance}, %ecx
    naclcall %rcx`,
  );

test.each([
  ["named", 0, { kind: "limited", limit: "stack" }],
  // Such a place is gone to from the start: what is open then is in the guest's own memory alone.
  ["unnamed", BUNDLE_BYTES, { kind: "faulted", fault: "memory-bounds" }],
])("endless calls of a %s place by a pointer end alike in each tier", async (_, distance, end) => {
  const reports = [];
  for (const tier of TIERS) {
    const fields = { fuel: 10n ** 10n };
    const more = { tier, strictMemory: true };
    reports.push((await runNexe(newFolder(), endlessNexe(distance), fields, more)).report);
  }
  const [first, ...others] = reports.map(({ outcome, fuel, traceHash }) => {
    return { outcome, fuel, traceHash };
  });
  expect(first?.outcome).toMatchObject(end);
  for (const other of others) expect(other).toEqual(first);
});

test("in the process of its host it has as little stack as any other guest", async () => {
  const isolation = "none";
  const deep = await runNexe(newFolder(), deepNexe(50_000), {}, { isolation });
  expect(deep.report.outcome).toEqual({ kind: "limited", limit: "stack" });
  const asked = runNexe(newFolder(), deepNexe(1), { limits: { stack: 2 ** 20 } }, { isolation });
  await expect(asked).rejects.toMatchObject({
    code: "ZVM_LIMIT",
    message: expect.stringContaining("at most 921600"),
  });
});

/** Calls itself so often, and writes a byte where it is deepest. */
const deepGuest = (calls: number): Uint8Array =>
  guestOf(
    `(if (i32.ne (call $deep (i32.const ${calls})) (i32.const ${calls})) (then unreachable))`,
    `(func $deep (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
        (else (drop (call $write (i32.const 1) (i32.const 64) (i32.const 1))) (i32.const 0))))`,
  );

test("the usual limit of a module is what it was, and a larger one lets it go deeper", async () => {
  const deep = deepGuest(50_000);
  const usual = await runSession({ manifest: manifestFor(newFolder(), deep) });
  expect(usual.outcome).toEqual({ kind: "limited", limit: "stack" });
  for (const tier of TIERS) {
    const manifest = manifestFor(newFolder(), deep, { limits: { stack: 2 ** 24 } });
    expect((await runSession({ manifest, tier })).outcome).toEqual({ kind: "exited", code: 0 });
  }
});

test("a host that allows too little stack is named where a guest comes to its end", async () => {
  const shell = new Shell(newFolder());
  shell.put("deep.wasm", deepGuest(300_000));
  shell.put("flat.wasm", deepGuest(1000));
  const line = "ulimit -S -s 8192; ulimit -H -s 8192; zerovm run --limit stack=64M";
  expect(await shell.run(`${line} flat.wasm`)).toMatchObject({ status: 0, stderr: "" });
  const { status, stderr } = await shell.run(`${line} deep.wasm`);
  expect(status).toBe(125);
  expect(stderr).toContain("processes may have 8192 KiB (ulimit -H -s), 118784 are needed");
});

const MANY = 1000;
const parameters = `(param ${"i64 ".repeat(MANY)})`;
/** Frames that the engine's first tier needs most of its stack for, by our count. */
const LARGEST = `(func $f ${parameters} (result i64)
  ${Array.from({ length: MANY }, (_, at) => `(local.get ${at})`).join(" ")} (call $f)
  ${Array.from({ length: MANY }, (_, at) => `(i64.add (local.get ${at}))`).join(" ")})`;

test.each([
  ["a call", "(call $f)", "(func $f (call $f))"],
  [
    "a call through a table",
    "(call $f)",
    "(table 1 funcref) (elem (i32.const 0) $f) (func $f (call_indirect (i32.const 0)))",
  ],
  [
    "calls of the host on the way",
    "(call $f)",
    "(func $f (drop (call $write (i32.const 1) (i32.const 64) (i32.const 0)))" +
      " (drop (memory.grow (i32.const 0))) (call $f) (call $f))",
  ],
  [
    "exceptions, each caught",
    "(call $f)",
    `(tag $e) (func $f (try (do (throw $e)) (catch $e (call $f)))
      (try (do (call $f)) (catch_all)))`,
  ],
  ["functions with many parameters", `${"(i64.const 7) ".repeat(MANY)} (drop (call $f))`, LARGEST],
])("endless recursion ends by its largest limit: %s", async (_, body, more) => {
  const program = guestOf(body, more);
  const reports = [];
  for (const tier of TIERS) {
    const fields = { limits: { stack: MOST }, fuel: 10n ** 12n };
    const manifest = manifestFor(newFolder(), program, fields);
    reports.push(await runSession({ manifest, tier }));
  }
  for (const { outcome, fuel, traceHash } of reports) {
    expect(outcome).toEqual({ kind: "limited", limit: "stack" });
    expect(fuel?.used).toBe(reports[0]?.fuel?.used);
    expect(traceHash).toBe(reports[0]?.traceHash);
  }
});
