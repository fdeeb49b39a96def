import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { replay } from "../../src/zerovm/session/index.ts";
import { faultingLoops } from "../support/faulting-loops.ts";
import { runNexe } from "../support/nexe-session.ts";
import { trapLines, writingNexe } from "../support/nexe-text.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

const HEAP = 0x100_0000;
const BLOCK = 0x1_0000;
const NULL_READ = {
  kind: "faulted",
  fault: "memory-bounds",
  message: "memory access out of bounds",
};

const start = (lines: string): string => `.text
  .globl _start
  .p2align 5
  _start: ${lines}`;

/** One way to reach the null page each, at the start of a bundle; what is before it is known. */
const ACCESSES: readonly (readonly [name: string, lines: string, offset: number])[] = [
  ["a read", "movl %eax, %eax\nmovl 16(%r15,%rax), %ecx", 2],
  ["a write", "movl %eax, %eax\nmovl %ecx, 16(%r15,%rax)", 2],
  ["a read and write", "movl %eax, %eax\naddl %ecx, (%r15,%rax)", 2],
  ["a read of a vector", "movl %eax, %eax\nmovups (%r15,%rax), %xmm1", 2],
  ["a write of a lane", "movl %eax, %eax\nmovhps %xmm1, (%r15,%rax)", 2],
  ["a float in a run of them", "movl %eax, %eax\naddsd (%r15,%rax), %xmm1\nmulsd %xmm1, %xmm2", 2],
  ["a read of the x87", "movl %eax, %eax\nfldt (%r15,%rax)", 2],
  ["a string that is moved", "naclstring rep movsl", 12],
];

/** Whatever faults, by every way that code is run. */
const WAYS = [
  { tier: "auto" },
  { tier: "optimise" },
  { tier: "dynamic" },
  { isolation: "none" },
  { strictMemory: true },
];

describe("an access of the null page tells the guest address", () => {
  test.each(ACCESSES)("of %s", async (_name, lines, offset) => {
    const zeros = "xorl %eax, %eax\nxorl %edi, %edi\nxorl %esi, %esi\nmovl $3, %ecx";
    const text = start(`${zeros}\nnop\n.p2align 5\n${lines}\nhlt`);
    for (const way of [{}, { isolation: "none" }]) {
      const { report } = await runNexe(newFolder(), text, {}, way);
      expect(report.outcome).toEqual({ ...NULL_READ, address: 0x2_0020 + offset });
      expect(report.classic.state).toBe(
        `Signal 11 from untrusted code: Halting at 0x440A000200${(0x20 + offset).toString(16).toUpperCase()}`,
      );
    }
  });

  test.each(WAYS)("in a function that was called, %o", async (way) => {
    const text = start(`xorl %eax, %eax
      naclcall f
      hlt
      .p2align 5
      f: naclcall g
      naclret
      .p2align 5
      g: movl %eax, %eax
      movq (%r15,%rax), %rax
      naclret`);
    const { report } = await runNexe(newFolder(), text, {}, way);
    expect(report.outcome).toEqual({ ...NULL_READ, address: 0x2_0082 });
  });

  test.each(WAYS)("in a place that is translated when a jump comes to it, %o", async (way) => {
    const text = start(`xorl %ecx, %ecx
      leaq unnamed(%rip), %rax
      leaq 32(%rax), %rax
      nacljmp %rax
      .p2align 5
      unnamed: hlt
      .p2align 5
      movl %ecx, %ecx
      movl (%r15,%rcx), %eax
      hlt`);
    const { report } = await runNexe(newFolder(), text, {}, way);
    expect(report.outcome).toEqual({ ...NULL_READ, address: 0x2_0042 });
  });

  test("in code that the program made", async () => {
    const text = writingNexe(
      `movl $small, %esi
      movl $${HEAP}, %edi
      movl $${BLOCK / 4}, %ecx
      naclstring rep movsl
      ${trapLines("Jail", HEAP, BLOCK)}
      xorl %ecx, %ecx
      movl $${HEAP}, %eax
      naclcall %rax`,
      4,
      ".p2align 16\nsmall: nop\nmovl %ecx, %ecx\nmovl (%r15,%rcx), %eax\nhlt\n.p2align 16",
    );
    const { report } = await runNexe(newFolder(), text);
    expect(report.outcome).toEqual({ ...NULL_READ, address: HEAP + 3 });
  });

  test("in a record as well", async () => {
    const record = join(newFolder(), "record");
    const text = start("xorl %eax, %eax\nnaclindex %rax movl (%r15,%rax), %ecx\nhlt");
    const { report } = await runNexe(newFolder(), text, {}, { record });
    const again = await replay({ path: record });
    expect(again.verified).toEqual({ agrees: true });
    expect(again.outcome).toEqual(report.outcome);
    expect(again.outcome).toMatchObject({ address: 0x2_0004 });
  });

  test.each([1, 2, 3])("in loops that passes moved, seed %i", async (seed) => {
    const { program, addresses } = faultingLoops(seed);
    const last = addresses.length;
    for (const way of [{}, { isolation: "none", tier: "auto" }]) {
      for (const step of [Math.floor(last / 2), last - 1]) {
        const { report } = await runNexe(newFolder(), program(step), {}, way);
        expect(report.outcome).toEqual({ ...NULL_READ, address: addresses[step - 1] });
      }
    }
  });
});
