import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTranslated } from "../../../test/support/translated-guest.ts";
import { readNexe } from "../elf/index.ts";
import { validate } from "../validator/index.ts";
import { buildNexe } from "./build-nexe.ts";
import { libraryUnit } from "./select-units.ts";

/** What gcc makes of the start of the runtime, less what these programs do not need. */
const RUNTIME = `
  .globl __zvm_start
  .type __zvm_start, @function
__zvm_start:
  subl $8, %esp
  call main
  call leave
  .globl leave
  .type leave, @function
leave:
  subl $56, %esp
  movq $1953069125, (%rsp)
  movq %rax, 16(%rsp)
  movl %esp, %edi
  call __zvm_trap
  .globl helper
helper:
  movl $1, %eax
  ret
`;

const ENTRY = readFileSync(join(import.meta.dirname, "../libc/runtime/entry.s"), "utf8");
const LIBRARY = [ENTRY, RUNTIME].map(libraryUnit);

const MAIN = `
  .globl main
  .type main, @function
main:
  pushq %rbx
  movl $.LC0, %ebx
  movl (%ebx), %eax
  call helper
  addl value(%rip), %eax
  popq %rbx
  ret
  .section .rodata
.LC0: .long 30
  .local value
  .comm value, 4, 4
`;

const HELPER = `
  .globl helper
  .type helper, @function
helper:
  addl .LC0(%rip), %eax
  movl value, %edx
  addl %edx, %eax
  ret
  .data
value: .long 5
.LC0: .long 7
`;

describe("a program of several files", () => {
  test("names of one file do not meet those of another, and the runtime's own give way", () => {
    const file = buildNexe({ program: [MAIN, HELPER], library: LIBRARY });
    expect(runTranslated(file).exitCode).toBe(42);
    const { fileOffset, fileBytes } = readNexe(file, "zerovm").text;
    const code = file.subarray(fileOffset, fileOffset + fileBytes);
    const verdict = validate(code, { policy: "zerovm" });
    expect([verdict.valid, verdict.warnings]).toEqual([true, []]);
    expect(buildNexe({ program: [MAIN, HELPER], library: LIBRARY })).toEqual(file);
  });

  test.each([
    [[HELPER], '"main" is not defined: naclcall main'],
    [[MAIN, MAIN], '"main" is defined twice: main:'],
    [[`${MAIN}\n.text\nvzeroupper_x`], 'unknown instruction "vzeroupper_x": vzeroupper_x'],
  ])("says what is wrong with it", (program, message) => {
    expect(() => buildNexe({ program, library: LIBRARY })).toThrow(
      expect.objectContaining({ name: "NotBuilt", message }),
    );
  });
});
