import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { replay } from "../../src/zerovm/session/index.ts";
import { BLOCK, copiedBlock, PLACES, PLACES_SUM } from "../support/later-nexe.ts";
import { runNexe } from "../support/nexe-session.ts";
import { trapLines, writingNexe } from "../support/nexe-text.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

/** An address of the heap, on a page of 64 KiB. */
const HEAP = 0x100_0000;
const copied = (label: string, to = HEAP): string => copiedBlock(label, to);

describe("a jump to what was no known function", () => {
  test("goes to any bundle", async () => {
    const { report, output } = await runNexe(newFolder(), PLACES);
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect(output.readUInt32LE(0)).toBe(PLACES_SUM);
  });

  test("uses the same fuel and has the same trace in every cell and in this process", async () => {
    const fields = { fuel: 10n ** 9n };
    const first = await runNexe(newFolder(), PLACES, fields);
    expect(first.report.fuel?.used).toBeGreaterThan(400n);
    for (const more of [{ isolation: "none" }, { tier: "optimise" }, { tier: "dynamic" }]) {
      const other = await runNexe(newFolder(), PLACES, fields, more);
      expect(other.report.outcome).toEqual(first.report.outcome);
      expect(other.report.fuel).toEqual(first.report.fuel);
      expect(other.report.traceHash).toBe(first.report.traceHash);
      expect(other.output).toEqual(first.output);
    }
  });

  test("is found again by another run and from a record", async () => {
    const twice = await runNexe(newFolder(), PLACES, {}, { verify: true });
    expect(twice.report.verified).toEqual({ agrees: true });
    const record = join(newFolder(), "record");
    const { report } = await runNexe(newFolder(), PLACES, {}, { record });
    for (const isolation of ["full", "none"] as const) {
      const again = await replay({ path: record, isolation });
      expect(again.verified).toEqual({ agrees: true });
      expect(again.traceHash).toBe(report.traceHash);
    }
  });

  test("is counted: code that was translated later ends by fuel, time and stack", async () => {
    const endless = (loop: string) =>
      writingNexe(
        "leaq unnamed(%rip), %rax\nleaq 32(%rax), %rax\nnacljmp %rax",
        4,
        `.p2align 5\nunnamed: hlt\n.p2align 5\n${loop}`,
      );
    const loop = endless("addl $1, %eax\n.p2align 5\nround: addl $1, %eax\njmp round");
    for (const isolation of ["full", "none"]) {
      const fuel = await runNexe(newFolder(), loop, { fuel: 100_000n }, { isolation });
      expect(fuel.report.outcome).toEqual({ kind: "limited", limit: "fuel" });
      const time = await runNexe(newFolder(), loop, { timeoutSeconds: 1 }, { isolation });
      expect(time.report.outcome).toEqual({ kind: "limited", limit: "time" });
    }
    const deep = endless("nop\n.p2align 5\ndeeper: naclrsp sub $8\nnaclcall deeper\nhlt");
    const { report } = await runNexe(newFolder(), deep, { limits: { stack: 100_000 } });
    expect(report.outcome).toEqual({ kind: "limited", limit: "stack" });
  });

  test.each([
    ["behind the text", "movl $0x2fe0, %eax\naddl $0x20000, %eax", 0x2_2fe0],
    ["in the heap", `movl $${HEAP + 64}, %eax`, HEAP + 64],
    ["above everything", "movl $0xffffffe0, %eax", 0xffff_ffe0],
  ])("faults with its address %s", async (_where, lines, address) => {
    const { report } = await runNexe(newFolder(), writingNexe(`${lines}\nnacljmp %rax`, 4));
    expect(report.outcome).toMatchObject({ kind: "faulted", fault: "memory-bounds", address });
  });
});

/** Keeps the result of a call as a byte of what is written. */
const kept = (at: number): string => `movb %al, out+${at}(%rip)`;

const ONLY_A_BUNDLE = `${trapLines("Unjl", HEAP, BLOCK)}
${trapLines("Jail", HEAP, 32)}`;

/** Text whose block of 64 KiB begins with a function. */
const block = (name: string, code: string): string =>
  `.p2align 16
${name}: ${code}
.p2align 16
nop
`;

const JAILED = writingNexe(
  `${copied("small")}
  ${trapLines("Jail", HEAP, BLOCK)}
  ${kept(0)}
  movl $5, %edi
  movl $${HEAP}, %eax
  naclcall %rax
  movl %eax, out+4(%rip)
  ${trapLines("Unjl", HEAP, BLOCK)}
  ${kept(1)}
  movl $${HEAP}, %edi
  movl $0x5a5a5a5a, %eax
  movl $${BLOCK / 4}, %ecx
  naclstring rep stosl
  movl $${HEAP + BLOCK - 4}, %ecx
  naclindex %rcx movl (%r15,%rcx), %eax
  movl %eax, out+8(%rip)
  jmp finish`,
  12,
  block("small", "leal 7(%rdi,%rdi,2), %eax\nnaclret"),
);

describe("code that a program makes", () => {
  test("is called once it was jailed, and is data again when it is not", async () => {
    const fields = { fuel: 10n ** 9n };
    const { report, output } = await runNexe(newFolder(), JAILED, fields);
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect([output[0], output[1]]).toEqual([0, 0]);
    expect(output.readUInt32LE(4)).toBe(22);
    expect(output.readUInt32LE(8)).toBe(0x5a5a_5a5a);
    const inside = await runNexe(newFolder(), JAILED, fields, { isolation: "none" });
    expect(inside.report.fuel).toEqual(report.fuel);
    expect(inside.report.traceHash).toBe(report.traceHash);
    expect(inside.output).toEqual(output);
    const twice = await runNexe(newFolder(), JAILED, {}, { verify: true });
    expect(twice.report.verified).toEqual({ agrees: true });
  });

  test("is refused where it is no valid code, and stays data", async () => {
    const text = writingNexe(
      `${copied("small")}
      movl $${HEAP}, %ecx
      movl $0xc3310f, %eax
      naclindex %rcx movl %eax, (%r15,%rcx)
      ${trapLines("Jail", HEAP, BLOCK)}
      ${kept(0)}
      ${trapLines("Unjl", HEAP, BLOCK)}
      ${kept(1)}
      ${trapLines("Jail", HEAP + 2 * BLOCK, BLOCK)}
      ${kept(2)}
      jmp finish`,
      4,
      block("small", "naclret"),
    );
    const { report, output } = await runNexe(newFolder(), text);
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    // Zeros are no code either.
    expect([...output]).toEqual([0xff, 0, 0xff, 0]);
  });

  test("calls the text and the sandbox, and is returned to", async () => {
    const text = writingNexe(
      `${copied("small")}
      ${trapLines("Jail", HEAP, BLOCK)}
      movl $table, %r12d
      movl $out, %r14d
      movl $3, %r13d
      again: movl $${HEAP}, %eax
      naclcall %rax
      addl $1, out+4(%rip)
      decl %r13d
      jne again
      jmp finish
      .p2align 5
      helper: movl $40, %edx
      addl $2, out(%rip)
      naclret`,
      12,
      block(
        "small",
        `naclindex %r12 movl (%r15,%r12), %eax
        naclcall %rax
        naclindex %r14 addl %edx, 8(%r15,%r14)
        naclindex %r12 movl 4(%r15,%r12), %edi
        movl $0x10000, %eax
        naclcall %rax
        naclindex %r14 addl %eax, 8(%r15,%r14)
        naclret`,
      ),
    );
    // The number of no call, which is answered with -1.
    const data = "table: .long helper, unknown\nunknown: .quad 0x1234";
    const { report, output } = await runNexe(newFolder(), `${text}\n${data}`);
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect([0, 4, 8].map((at) => output.readUInt32LE(at))).toEqual([6, 3, 3 * 39]);
  });

  test("runs as it was when it was jailed, until it is jailed again", async () => {
    const called = (at: number): string => `movl $${HEAP}, %eax\nnaclcall %rax\n${kept(at)}`;
    const text = writingNexe(
      `${copied("one")}
      ${trapLines("Jail", HEAP, BLOCK)}
      ${called(0)}
      ${copied("two")}
      ${called(1)}
      ${trapLines("Jail", HEAP, BLOCK)}
      ${called(2)}
      jmp finish`,
      3,
      block("one", "movl $1, %eax\nnaclret") + block("two", "movl $2, %eax\nnaclret"),
    );
    const { output } = await runNexe(newFolder(), text);
    expect([...output]).toEqual([1, 1, 2]);
  });

  test("goes on into what was jailed behind it", async () => {
    const text = writingNexe(
      `${copied("nops")}
      ${copied("nine", HEAP + BLOCK)}
      ${trapLines("Jail", HEAP, BLOCK)}
      ${trapLines("Jail", HEAP + BLOCK, 64)}
      movl $${HEAP}, %eax
      naclcall %rax
      ${kept(0)}
      jmp finish`,
      1,
      `.p2align 16\nnops: nop\n${block("nine", "movl $9, %eax\nnaclret")}`,
    );
    const { report, output } = await runNexe(newFolder(), text);
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect([...output]).toEqual([9]);
  });

  test.each([
    ["once it is unjailed", trapLines("Unjl", HEAP, BLOCK), HEAP],
    ["behind the bytes that were judged", ONLY_A_BUNDLE, HEAP + 32],
    ["in the part that was unjailed", trapLines("Unjl", HEAP, 64), HEAP + 32],
  ])("is no code %s", async (_when, lines, address) => {
    const text = writingNexe(
      `${copied("small")}
      ${trapLines("Jail", HEAP, BLOCK)}
      movl $${address}, %eax
      naclcall %rax
      ${lines}
      movl $${address}, %eax
      nacljmp %rax`,
      4,
      block("small", "nop\n.p2align 5\nnaclret"),
    );
    const { report } = await runNexe(newFolder(), text);
    expect(report.outcome).toMatchObject({ kind: "faulted", fault: "memory-bounds", address });
  });

  test.each([
    ["beyond the heap", 0xfdff_0000, 2 ** 31 - 1],
    ["of no size", HEAP, 0],
    ["not on a page", HEAP + 32, 32],
    ["in the text", 0x2_0000, 32],
  ])("cannot be %s", async (_where, address, size) => {
    const text = writingNexe(
      `${trapLines("Jail", address, size)}
      ${kept(0)}
      ${trapLines("Unjl", address, size)}
      ${kept(1)}
      jmp finish`,
      2,
    );
    const { output } = await runNexe(newFolder(), text);
    expect([...output]).toEqual([0xea, 0xea]);
  });
});
