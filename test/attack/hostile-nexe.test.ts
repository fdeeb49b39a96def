import { describe, expect, test } from "vitest";
import { assembledNexe } from "../support/assembled-nexe.ts";
import { naclLines } from "../support/nexe-session.ts";
import { Shell } from "../support/shell.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

/** Programs of Native Client that mean harm by their system calls: each ends in order. */

const newFolder = temporaryFolders();

const RUN = "zerovm run --policy nacl --report-file report";

interface Report {
  readonly outcome: { readonly kind: string; readonly limit?: string };
  readonly warnings: readonly string[];
  readonly hits?: readonly string[];
}

/** Runs these lines, which count in ebx, and exits with its lowest seven bits. */
async function run(
  lines: string,
  options = "--timeout 30",
): Promise<{ readonly shell: Shell; readonly status: unknown; readonly report: Report }> {
  const shell = new Shell(newFolder());
  const text = `.text
    .globl _start
    .p2align 5
    _start: xorl %ebx, %ebx
    ${lines}
    movl %ebx, %edi
    andl $127, %edi
    ${naclLines("exit")}
    hlt
    .data
    .p2align 4
    offset: .quad 0
    path: .asciz "/dev/stdin"
    name: .asciz "/0000"`;
  shell.put("p.nexe", assembledNexe(text));
  const { status, stderr } = await shell.run(`${RUN} ${options} p.nexe`, "input");
  expect(stderr.length).toBeLessThan(10_000);
  await expect.poll(() => shell.survivors()).toEqual([]);
  expect(shell.read("report").length).toBeLessThan(2 ** 20);
  return { shell, status, report: JSON.parse(shell.read("report")) as Report };
}

/** Repeats lines until a call answers with an error. */
function untilRefused(lines: string): string {
  return `again: addl $1, %ebx\n${lines}\ncmpl $0xfffff000, %eax\njb again`;
}

describe("at the edges of its addresses", () => {
  const FAULT = 127 & 14;
  test.each([
    ["the last byte", "write", [1, "0xffffffff", 1], 1],
    ["one past it", "write", [1, "0xffffffff", 2], FAULT],
    ["all of them", "write", [1, "0x10000", "0xffff0000"], FAULT],
    ["the null page", "write", [1, "0xfffe", 4], FAULT],
    ["a read to text", "read", [0, "0x20000", 4], FAULT],
    ["an offset that is half outside", "lseek", [0, "0xfffffffc", 0], FAULT],
    ["a path above the heap", "stat", ["0xf0000000", "offset"], FAULT],
    ["a status over the end of the data", "stat", ["path", "0xfeffffff"], FAULT],
    ["a buffer of two GiB", "getdents", [3, "offset", "0x7fffffff"], FAULT],
  ] as const)("%s is answered", async (_what, name, words, expected) => {
    const lines = `${naclLines(name, ...words)}
      movl %eax, %ebx
      testl %eax, %eax
      jns there
      negl %ebx
      there: nop`;
    expect((await run(lines)).status).toBe(expected);
  });
});

describe("a program that", () => {
  test("takes all descriptors, mutexes and memory there are is told so", async () => {
    const open = await run(untilRefused(naclLines("open", "path", 0, 0)));
    expect(open.report).toMatchObject({ outcome: { kind: "exited" } });
    const mutexes = await run(untilRefused(naclLines("mutex_create")));
    // The last of 65,537 is refused.
    expect(mutexes.status).toBe(1);
    const pages = await run(
      untilRefused(naclLines("mmap", 0, 0x10_0000, 3, 0x22, -1, 0)),
      "--memory 64M",
    );
    // 64 MiB without the stack and what lies below the heap.
    expect(pages.status).toBe(48);
  });

  test("maps and moves its break for ever is ended by its time or its fuel", async () => {
    const lines = `again: ${naclLines("mmap", 0, "0x4000000", 3, 0x22, -1, 0)}
      movl %eax, %edi
      movl $0x4000000, %esi
      ${naclLines("munmap")}
      ${naclLines("brk", "0x4000000")}
      ${naclLines("brk", "0x1000000")}
      jmp again`;
    const timed = await run(lines, "--timeout 2");
    expect(timed.report.outcome).toMatchObject({ kind: "limited", limit: "time" });
    expect(timed.status).toBe(124);
    const metered = await run(lines, "--fuel 2000");
    expect(metered.report.outcome).toMatchObject({ kind: "limited", limit: "fuel" });
  });

  test("makes every call that is refused keeps the report small", async () => {
    const lines = `movl $1, %ebx
      again: cmpl $30, %ebx
      je next
      cmpl $81, %ebx
      je next
      ${["edi", "esi", "edx", "ecx", "r8d", "r9d"].map((it) => `movl $0, %${it}`).join("\n")}
      movl %ebx, %eax
      shll $5, %eax
      addl $0x10000, %eax
      naclcall %rax
      .p2align 5
      next: addl $1, %ebx
      cmpl $2047, %ebx
      jne again`;
    const { report, status } = await run(lines);
    expect(status).toBe(2047 & 127);
    expect(report.warnings).toHaveLength(1);
    expect(report.warnings[0]?.length).toBeLessThan(400);
  });

  test("asks for names for ever is told of each, and its report has an end", async () => {
    const lines = `again: addl $1, name+1(%rip)
      ${naclLines("stat", "name", "offset")}
      addl $1, %ebx
      cmpl $100000, %ebx
      jne again`;
    const { report } = await run(lines);
    expect(report.outcome.kind).toBe("exited");
  });
});
