import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/zerovm/report/index.ts";
import { replay, runSession } from "../../src/zerovm/session/index.ts";
import { assembledNexe } from "../support/assembled-nexe.ts";
import { channel, channelsWith, manifestFor } from "../support/sessions.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

/** Writes `size` bytes from `place` on to standard output, and exits with `code`. */
function writing(place: string, size: number, code = 0): string {
  return `
    movl $${place}, %eax
    movq %rax, words+24(%rip)
    movl $words, %edi
    naclcall 0x10000
    movq $0x74697845, words(%rip)
    movq $${code}, words+16(%rip)
    movl $words, %edi
    naclcall 0x10000
    hlt
    .data
    .p2align 4
    words: .quad 0x74697257, 0, 1, 0, ${size}, 0`;
}

const HELLO = `.text
  .globl _start
  .p2align 5
  _start: ${writing("text", 6, 42)}
  .section .rodata
  text: .ascii "hello\\n"`;

interface Run {
  readonly report: Report;
  readonly stdout: string;
}

async function run(
  text: string,
  fields: Parameters<typeof manifestFor>[2] = {},
  more: object = {},
): Promise<Run> {
  return await runFile(assembledNexe(text), fields, more);
}

async function runFile(
  file: Uint8Array,
  fields: Parameters<typeof manifestFor>[2] = {},
  more: object = {},
): Promise<Run> {
  const folder = newFolder();
  const out = join(folder, "out");
  writeFileSync(out, "");
  const channels = channelsWith(channel("/dev/stdout", out, "wo"));
  const manifest = manifestFor(folder, file, { channels, ...fields });
  const report = await runSession({ manifest, ...more });
  return { report, stdout: readFileSync(out, "latin1") };
}

describe("a Native Client program", () => {
  test("runs in a cell and says what it has to say", async () => {
    const { report, stdout } = await run(HELLO);
    expect(report.outcome).toEqual({ kind: "exited", code: 42 });
    expect(stdout).toBe("hello\n");
    expect(report.walls).toContain("seccomp");
    expect(report.classic).toMatchObject({ validator: 0, userCode: 42, exitCode: 0, state: "ok" });
  });

  test("has the same results and trace in this process, twice, and optimised", async () => {
    const { report, stdout } = await run(HELLO);
    const others = [
      await run(HELLO, {}, { isolation: "none" }),
      await run(HELLO, {}, { tier: "optimise" }),
    ];
    for (const other of others) {
      expect(other.report.outcome).toEqual(report.outcome);
      expect(other.report.traceHash).toBe(report.traceHash);
      expect(other.stdout).toBe(stdout);
    }
    // Native Client tells a program of its arguments, which is in the trace.
    const nacl = await run(HELLO, {}, { policy: "nacl" });
    expect(nacl.report.outcome).toEqual(report.outcome);
    expect(nacl.stdout).toBe(stdout);
    // What is compared has digests of all channels in its trace.
    const twice = await run(HELLO, {}, { verify: true });
    expect(twice.report.verified).toEqual({ agrees: true });
  });

  test("is replayed from its record without its file", async () => {
    const folder = newFolder();
    const record = join(folder, "record");
    const { report } = await run(HELLO, {}, { record });
    const again = await replay({ path: record });
    expect(again.verified).toEqual({ agrees: true });
    expect(again.traceHash).toBe(report.traceHash);
  });

  test("reads what tells it of its memory and its channels", async () => {
    // The five words of the head of the user manifest.
    const text = `.text
      .globl _start
      .p2align 5
      _start:
      movl $0xfefffffc, %eax
      naclindex %rax movl (%r15,%rax), %esi
      movl $copy, %edi
      movl $5, %ecx
      naclstring rep movsl
      ${writing("copy", 20)}
      copy: .zero 20`;
    const { report, stdout } = await run(text, { memory: { sizeBytes: 2 ** 25, etag: false } });
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    const words = [...new Uint32Array(Buffer.from(stdout, "latin1").buffer.slice(-20))];
    expect(words).toHaveLength(5);
    const view = new DataView(Uint8Array.from(Buffer.from(stdout, "latin1")).buffer);
    const [heap, heapSize, stack, count] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
    expect((heap ?? 0) + (heapSize ?? 0)).toBe(0x100_0000);
    expect([stack, count]).toEqual([0x100_0000, 3]);
  });

  test("is limited in time and fuel, and by the depth of its calls", async () => {
    const loop = ".text\n.globl _start\n.p2align 5\n_start: addl $1,%eax\njmp _start";
    const timed = await run(loop, { timeoutSeconds: 1 });
    expect(timed.report.outcome).toEqual({ kind: "limited", limit: "time" });
    const metered = await run(loop, { fuel: 100_000n });
    expect(metered.report.outcome).toEqual({ kind: "limited", limit: "fuel" });
    expect(metered.report.fuel?.used).toBeGreaterThan(99_999n);
    const deep =
      ".text\n.globl _start\n.p2align 5\n_start: nop\n.p2align 5\nf: nop\nnaclcall f\nhlt";
    expect((await run(deep)).report.outcome.kind).toMatch(/limited|faulted/u);
  });
});

describe("a fault", () => {
  const start = ".text\n.globl _start\n.p2align 5\n_start:";
  const cases: readonly (readonly [string, string, number, object])[] = [
    ["a halt", "nop\nhlt", 139, { fault: "memory-bounds", address: 0x2_0001 }],
    ["an undefined instruction", "ud2", 132, { fault: "unreachable", address: 0x2_0000 }],
    [
      "a division by zero",
      "xorl %ecx,%ecx\ndivl %ecx",
      136,
      { fault: "division", address: 0x2_0002 },
    ],
    [
      "a read of the null page",
      "xorl %eax,%eax\nnaclindex %rax movl 16(%r15,%rax),%ecx",
      139,
      { fault: "memory-bounds" },
    ],
    ["a jump to data", "movl $0x500000,%eax\nnacljmp %rax", 139, { address: 0x50_0000 }],
    [
      "a call of another number",
      "nop\nnaclcall 0x10040\nhlt",
      132,
      { message: "nacl syscall #2 received" },
    ],
    [
      "a call without words",
      "xorl %edi,%edi\nnaclcall 0x10000\nhlt",
      132,
      { message: "uaddr 0x00000000, addr space 32 bits" },
    ],
  ];
  test.each(cases)("by %s", async (_kind, code, status, outcome) => {
    const { report } = await run(`${start} ${code}`);
    expect(report.outcome).toMatchObject({ kind: "faulted", ...outcome });
    expect(report.exitStatus).toBe(status);
  });
});

describe("a program file that is refused", () => {
  const good = assembledNexe(HELLO);

  function changed(change: (view: DataView) => void): Uint8Array {
    const bytes = good.slice();
    change(new DataView(bytes.buffer));
    return bytes;
  }

  test.each<[string, Uint8Array, number, string, number]>([
    ["a header alone", good.slice(0, 64), 5, "check failed", 2],
    ["another machine", changed((it) => it.setUint16(18, 3, true)), 8, "bad machine: 3", 2],
    ["another type", changed((it) => it.setUint16(16, 3, true)), 8, "non executable", 2],
    [
      "an entry inside of a bundle",
      changed((it) => it.setUint32(24, 0x2_0010, true)),
      8,
      "check failed",
      2,
    ],
  ])("because of %s", async (_kind, file, code, state, validator) => {
    const { report } = await runFile(file);
    expect(report.outcome.kind).toBe("refused");
    expect(report.classic).toMatchObject({ exitCode: code, validator });
    if (code !== 8 || !state.startsWith("bad machine")) expect(report.classic.state).toBe(state);
    expect(report.exitStatus).toBe(126);
  });

  test("because of its code, with every place", async () => {
    const text =
      ".text\n.globl _start\n.p2align 5\n_start: movl (%rax),%ecx\n.p2align 5\n.byte 0xc3\n";
    const { report } = await run(text);
    expect(report.classic).toMatchObject({ exitCode: 8, state: "validation failed", validator: 1 });
    const messages = report.outcome.kind === "refused" ? report.outcome.findings : [];
    expect(messages.map(({ message }) => message.replace(/^.*: code at /u, ""))).toEqual([
      "0x0 of its text: improper memory address - bad base",
      "0x20 of its text: unrecognized instruction",
    ]);
  });

  test("because ZeroVM's rules have no rdtsc, which those of Native Client have", async () => {
    const text = `.text\n.globl _start\n.p2align 5\n_start: rdtsc\n${writing("words", 0)}`;
    expect((await run(text)).report.outcome).toMatchObject({
      kind: "refused",
      findings: [{ hint: expect.stringContaining("--policy nacl") }],
    });
    expect((await run(text, {}, { policy: "nacl" })).report.outcome).toEqual({
      kind: "exited",
      code: 0,
    });
  });

  test("because its memory is too small for it", async () => {
    const { report } = await run(HELLO, { memory: { sizeBytes: 2 ** 24, etag: false } });
    expect(report.classic).toMatchObject({ exitCode: 12 });
    expect(report.outcome.kind).toBe("refused");
  });
});
