import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { replay } from "../../src/zerovm/session/index.ts";
import { configWith } from "../../src/zrt/index.ts";
import { assembledNexe } from "../support/assembled-nexe.ts";
import { zerovm } from "../support/command-line.ts";
import { type NexeSession, naclLines, runNexe } from "../support/nexe-session.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

const ARGUMENTS = configWith({ args: ["prog", "hello\n"], env: [["NAME", "value"]] });

/** A program of these lines; a label `bad` ends it with 99. */
function program(lines: string, data = ""): string {
  return `.text
    .globl _start
    .p2align 5
    _start: nop
    ${lines}
    ${naclLines("exit", 42)}
    hlt
    .p2align 5
    bad: ${naclLines("exit", 99)}
    hlt
    .data
    .p2align 4
    result: .quad 0, 0, 0, 0
    ${data}`;
}

/** Goes on where the last call answered so, and else ends with 99. */
function expecting(answer: number): string {
  return `cmpl $${answer}, %eax\njne bad`;
}

async function run(text: string, more: object = {}): Promise<NexeSession> {
  return await runNexe(newFolder(), text, {}, { policy: "nacl", zrt: ARGUMENTS, ...more });
}

/** Writes six bytes of the second argument, and of the first variable. */
const ARGUMENTS_OF_BOTH_AGES = program(`
  movl %edi, %ebx
  cmpq %rsp, %rbp
  jne bad
  cmpl $-22, %eax
  jne bad
  cmpl $2, (%rsp)
  jne bad
  movl 12(%rsp), %esi
  ${naclLines("write", 1).replace("%edi", "%edi\nmovl $6, %edx")}
  addl $8, %ebx
  naclindex %rbx movl (%r15,%rbx), %eax
  ${expecting(2)}
  addl $16, %ebx
  naclindex %rbx movl (%r15,%rbx), %esi
  movl $10, %edx
  ${naclLines("write", 1)}`);

/** Doubles eight numbers here, and again at a place that nothing names. */
const VECTORS = program(
  `vmovups numbers(%rip), %ymm3
  vaddps %ymm3, %ymm3, %ymm3
  leaq unnamed(%rip), %rcx
  addl $32, %ecx
  naclcall %rcx
  vmovups %ymm3, numbers(%rip)
  ${naclLines("write", 1, "numbers", 32)}
  ${expecting(32)}
  jmp done
  .p2align 5
  unnamed: nop
  .p2align 5
  vaddps %ymm3, %ymm3, %ymm3
  naclret
  .p2align 5
  done: nop`,
  "numbers: .float 1, 2, 3, 4, 5, 6, 7, 8",
);

describe("a program with the system calls of Native Client", () => {
  test("has vectors of 256 bits, also in code that is translated later", async () => {
    const { report, output } = await run(VECTORS);
    expect(report.outcome).toEqual({ kind: "exited", code: 42 });
    const numbers = Array.from({ length: 8 }, (_, at) => output.readFloatLE(4 * at));
    expect(numbers).toEqual([4, 8, 12, 16, 20, 24, 28, 32]);
    const other = await run(VECTORS, { isolation: "none" });
    expect(other.report.traceHash).toBe(report.traceHash);
    expect(other.output).toEqual(output);
  });

  test("finds its arguments and says what it has to say, in a locked cell", async () => {
    const { report, output } = await run(ARGUMENTS_OF_BOTH_AGES);
    expect(report.outcome).toEqual({ kind: "exited", code: 42 });
    expect(output.toString()).toBe("hello\nNAME=value");
    expect(report.walls).toContain("seccomp");
    expect(report.warnings).toEqual([]);
  });

  test("has the same trace in this process, twice and optimised; words change it", async () => {
    const { report } = await run(ARGUMENTS_OF_BOTH_AGES);
    for (const more of [{ isolation: "none" }, { tier: "optimise" }]) {
      const other = await run(ARGUMENTS_OF_BOTH_AGES, more);
      expect(other.report.outcome).toEqual(report.outcome);
      expect(other.report.traceHash).toBe(report.traceHash);
    }
    const twice = await run(ARGUMENTS_OF_BOTH_AGES, { verify: true });
    expect(twice.report.verified).toEqual({ agrees: true });
    const zrt = configWith({ args: ["prog", "other\n"], env: [["NAME", "value"]] });
    const other = await run(ARGUMENTS_OF_BOTH_AGES, { zrt });
    expect(other.report.traceHash).not.toBe(report.traceHash);
  });

  test("is replayed from its record", async () => {
    const record = join(newFolder(), "record");
    const { report } = await run(ARGUMENTS_OF_BOTH_AGES, { record });
    const again = await replay({ path: record });
    expect(again.verified).toEqual({ agrees: true });
    expect(again.traceHash).toBe(report.traceHash);
  });

  test("makes and reads files, gets memory, and asks for the time", async () => {
    const text = program(
      `${naclLines("open", "path", 0o102, 0o644)}
       ${expecting(4)}
       ${naclLines("write", 4, "path", 5)}
       ${expecting(5)}
       ${naclLines("lseek", 4, "result", 0)}
       ${expecting(0)}
       ${naclLines("brk", 0)}
       leal 0x20000(%rax), %edi
       movl %edi, %ebx
       ${naclLines("brk")}
       cmpl %eax, %ebx
       jne bad
       subl $16, %ebx
       movl %ebx, %esi
       movl $16, %edx
       ${naclLines("read", 4)}
       ${expecting(5)}
       movl %ebx, %esi
       movl $5, %edx
       ${naclLines("write", 1)}
       ${naclLines("mmap", 0, 0x2_0000, 3, 0x22, -1, 0)}
       movl %eax, %ebx
       movl %eax, %esi
       movl $2, %edx
       ${naclLines("write", 1)}
       ${expecting(2)}
       ${naclLines("gettimeofday", "result")}
       ${naclLines("write", 1, "result", 8)}
       ${naclLines("nanosleep", 0, 0)}
       ${expecting(-14)}`,
      'path: .asciz "/file"',
    );
    const { report, output } = await run(text);
    expect(report.outcome).toEqual({ kind: "exited", code: 42 });
    expect(output.toString("latin1")).toBe(`/file${"\0".repeat(10)}`);
  });

  test("is told of the calls that are refused, and so is who runs it", async () => {
    const text = program(
      `${naclLines("thread_create", 0, 0, 0, 0)}
       ${expecting(-38)}
       ${naclLines("imc_sendmsg", 1, 2, 3)}
       ${expecting(-38)}
       naclcall 0x10060
       ${expecting(-38)}`,
    );
    const { report } = await run(text);
    expect(report.outcome).toEqual({ kind: "exited", code: 42 });
    expect(report.warnings).toEqual([
      "System calls that are not supported were refused: thread_create, imc_sendmsg, number 3",
    ]);
  });

  test("is limited in fuel", async () => {
    const text = program(`again: ${naclLines("getpid")}\njmp again`);
    const folder = newFolder();
    const { report } = await runNexe(folder, text, { fuel: 50_000n }, { policy: "nacl" });
    expect(report.outcome).toEqual({ kind: "limited", limit: "fuel" });
    expect(report.fuel?.used).toBeGreaterThan(49_999n);
  });

  test("makes every call there is with hostile words, and goes on", async () => {
    // Without slots that end the program, the first, which is ZeroVM's, and the last, a halt.
    const words = ["0x80000000", "0xffffffff", "0x7fffffff", "0x10000", "0xfffffff8", "0"];
    const round = (value: string, label: string): string => `
      movl $1, %ebx
      ${label}: cmpl $30, %ebx
      je ${label}_next
      cmpl $81, %ebx
      je ${label}_next
      ${["edi", "esi", "edx", "ecx", "r8d", "r9d"].map((it) => `movl $${value}, %${it}`).join("\n")}
      movl %ebx, %eax
      shll $5, %eax
      addl $0x10000, %eax
      naclcall %rax
      .p2align 5
      ${label}_next: addl $1, %ebx
      cmpl $2047, %ebx
      jne ${label}`;
    const text = program(words.map((value, index) => round(value, `round${index}`)).join("\n"));
    const { report } = await run(text);
    expect(report.outcome).toEqual({ kind: "exited", code: 42 });
    expect(report.walls).toContain("seccomp");
    expect(report.warnings).toHaveLength(1);
    const twice = await run(text, { verify: true });
    expect(twice.report.verified).toEqual({ agrees: true });
  });

  test("is ended by them under the rules of ZeroVM", async () => {
    const { report } = await runNexe(newFolder(), program(naclLines("getpid")));
    expect(report.outcome).toMatchObject({ kind: "faulted", message: "nacl syscall #31 received" });
  });
});

test("zerovm run --policy nacl gives a program its arguments and its folder", async () => {
  const folder = newFolder();
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in", "words"), "words of a file\n");
  const text = program(
    `${naclLines("open", "path", 0, 0)}
     movl %eax, %edi
     movl $result, %esi
     movl $16, %edx
     ${naclLines("read")}
     ${naclLines("write", 1, "result", 16)}`,
    'path: .asciz "/in/words"',
  );
  writeFileSync(join(folder, "x.nexe"), assembledNexe(text));
  const options = ["run", "--policy", "nacl", "--dir", "in:/in", "x.nexe"];
  const { status, stdout, stderr } = await zerovm(options, { cwd: folder });
  expect({ status, stdout, stderr }).toEqual({
    status: 42,
    stdout: "words of a file\n",
    stderr: "",
  });
});
