import { describe, expect, test } from "vitest";
import { runNexe } from "../support/nexe-session.ts";
import { writingNexe } from "../support/nexe-text.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

const MEMORY = { memory: { sizeBytes: 2 ** 25, etag: false } };
/** Where the heap ends with so much memory. */
const HEAP_END = 0x100_0000;
const STACK_START = 0xff00_0000;
const MORE = "small: .byte 1";

const at = (address: number | string, line: string): string =>
  `movl $${address}, %ecx\nnaclindex %rcx ${line}`;

/** Ways to store 16 bytes or less at the address in rcx, by instruction. */
const STORES: readonly (readonly [name: string, line: string, sizeBytes: number])[] = [
  ["movb", "movb %al, (%r15,%rcx)", 1],
  ["movw", "movw %ax, (%r15,%rcx)", 2],
  ["movl", "movl %eax, (%r15,%rcx)", 4],
  ["movq", "movq %rax, (%r15,%rcx)", 8],
  ["addl", "addl %eax, (%r15,%rcx)", 4],
  ["xchgl", "xchgl %eax, (%r15,%rcx)", 4],
  ["movss", "movss %xmm0, (%r15,%rcx)", 4],
  ["movsd", "movsd %xmm0, (%r15,%rcx)", 8],
  ["movups", "movups %xmm0, (%r15,%rcx)", 16],
  ["movhps", "movhps %xmm0, (%r15,%rcx)", 8],
  ["pextrb", "pextrb $3, %xmm0, (%r15,%rcx)", 1],
];

async function run(lines: string, strictMemory: boolean, more: object = {}) {
  const text = `${writingNexe(`${lines}\njmp finish`, 1)}\n${MORE}`;
  const { report } = await runNexe(newFolder(), text, MEMORY, { strictMemory, ...more });
  return report.outcome;
}

function denied(address: number): object {
  const hex = address.toString(16).padStart(8, "0");
  const message = `store to where nothing may be written: 0x${hex}`;
  return { kind: "faulted", fault: "memory-bounds", message };
}

const GOOD = { kind: "exited", code: 0 };

describe("with checked stores", () => {
  test.each(STORES)("%s reaches data, heap and stack to the last byte", async (_, line, size) => {
    const places = ["small", HEAP_END - size, STACK_START, 0x1_0000_0000 - size];
    const lines = places.map((place) => at(place, line)).join("\n");
    expect(await run(lines, true)).toEqual(GOOD);
  });

  test.each(STORES)("%s reaches nothing beside them", async (_, line, size) => {
    for (const address of [0x2_0000, HEAP_END - size + 1, STACK_START - 1, 0xfeff_fffc]) {
      const outcome = await run(at(address, line), true, { isolation: "none" });
      expect(outcome).toMatchObject(denied(address));
      expect(await run(at(address, line), false, { isolation: "none" })).toEqual(GOOD);
    }
  });

  test("a fault names the instruction and where it would write", async () => {
    for (const more of [{}, { tier: "optimise" }, { tier: "dynamic" }, { policy: "nacl" }]) {
      const outcome = await run("nop\nmovl %eax, 0x20000(%r15)", true, more);
      expect(outcome).toEqual({ ...denied(0x2_0000), address: 0x2_0001 });
    }
    const low = await run("nop\nmovl %eax, 0x10(%r15)", true);
    expect(low).toEqual({ ...denied(0x10), address: 0x2_0001 });
    for (const line of ["fstpt", "fbstp", "fnstenv", "fnsave"]) {
      const outcome = await run(`nop\n${line} 0x20000(%r15)`, true);
      expect(outcome, line).toEqual({ ...denied(0x2_0000), address: 0x2_0001 });
    }
  });

  test("a string instruction writes up to where it may not", async () => {
    const copy = (line: string) => `nop
      movl $${HEAP_END - 8}, %edi
      movl $small, %esi
      movl $16, %ecx
      naclstring rep ${line}`;
    for (const line of ["movsb", "stosb", "movsl", "stosl"]) {
      const outcome = await run(copy(line), true);
      expect(outcome).toMatchObject(denied(HEAP_END));
      expect(outcome).toHaveProperty("address");
      expect(await run(copy(line).replace("$16", "$2"), true)).toEqual(GOOD);
    }
  });

  test("calls and pushes fault where the stack has left its place", async () => {
    const outside = `naclrsp mov $${HEAP_END + 0x1000}\n`;
    expect(await run(`${outside}pushq %rax`, true)).toMatchObject(denied(HEAP_END + 0xff8));
    expect(await run(`${outside}naclcall finish`, true)).toMatchObject(denied(HEAP_END + 0xff8));
  });

  test("code that is found later is checked as well", async () => {
    const lines = `leaq unnamed(%rip), %rax
      leaq 32(%rax), %rax
      nacljmp %rax
      .p2align 5
      unnamed: hlt
      .p2align 5
      nop
      movl %eax, 0x20000(%r15)`;
    expect(await run(lines, true)).toMatchObject(denied(0x2_0000));
    expect(await run(lines, false)).toEqual(GOOD);
  });

  test("what is good does the same, and is verified and recorded", async () => {
    const text = writingNexe("movb $7, out(%rip)\njmp finish", 1);
    const folder = newFolder();
    const strict = await runNexe(folder, text, MEMORY, { strictMemory: true, verify: true });
    const free = await runNexe(folder, text, MEMORY, { verify: true });
    expect(strict.report.verified).toEqual({ agrees: true });
    expect(strict.output).toEqual(free.output);
    expect(strict.report.traceHash).toBe(free.report.traceHash);
  });
});
