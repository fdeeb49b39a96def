import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTranslated } from "../../../test/support/translated-guest.ts";
import { readNexe } from "../elf/index.ts";
import { validate } from "../validator/index.ts";
import { buildNexe, type NexeUnit } from "./build-nexe.ts";
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

/** Texts as files a.c, b.c and so on. */
function filesOf(...texts: readonly string[]): NexeUnit[] {
  return texts.map((text, at) => ({ name: `${"abc"[at]}.c`, text }));
}

describe("a program of several files", () => {
  test("names of one file do not meet those of another, and the runtime's own give way", () => {
    const file = buildNexe({ program: filesOf(MAIN, HELPER), library: LIBRARY });
    expect(runTranslated(file).exitCode).toBe(42);
    const { fileOffset, fileBytes } = readNexe(file, "zerovm").text;
    const code = file.subarray(fileOffset, fileOffset + fileBytes);
    const verdict = validate(code, { policy: "zerovm" });
    expect([verdict.valid, verdict.warnings]).toEqual([true, []]);
    expect(buildNexe({ program: filesOf(MAIN, HELPER), library: LIBRARY })).toEqual(file);
  });

  const asm = (line: string): string =>
    `${MAIN}\n.text\n.type f, @function\nf:\n#APP\n# 7 "b.c" 1\n${line}\n# 0 "" 2\n#NO_APP\nret`;
  test.each([
    [[HELPER], 'the library, in __zvm_start: "main" is not defined: naclcall main'],
    [[`${MAIN}\n.text\ncall gone`], 'a.c, in main: "gone" is not defined: naclcall gone'],
    [
      [HELPER, `${MAIN}\n.text\n.type f, @function\nf: jmp gone`],
      'b.c, in f: "gone" is not defined: jmp gone',
    ],
    [[MAIN, MAIN], 'b.c, in main: "main" is defined twice: main:'],
    [
      [`${MAIN}\n.text\nvzeroupper_x`],
      'a.c, in main: unknown instruction "vzeroupper_x": vzeroupper_x',
    ],
    [[asm("nothing")], 'b.c:7, in f: unknown instruction "nothing": nothing'],
    [[asm(".byte 0x0f, 0x05")], "b.c:7, in f: unrecognized instruction"],
    [[asm("movl $0, %r15d")], "b.c:7, in f: error - %r15 is changed"],
    [[`${MAIN}\n.section .tbss`], "a.c: variables of a thread have no place in a nexe"],
  ])("says what is wrong with it, and where", (texts, message) => {
    expect(() => buildNexe({ program: filesOf(...texts), library: LIBRARY })).toThrow(
      expect.objectContaining({ name: "NotBuilt", message }),
    );
  });

  test("takes instructions that one policy accepts alone", () => {
    const file = buildNexe({ program: filesOf(asm("rdtsc"), HELPER), library: LIBRARY });
    expect(() => readNexe(file, "zerovm")).not.toThrow();
  });

  test("lists constructors by their priority, and destructors the other way round", () => {
    const listed = (name: string, section: string): string =>
      `${name}:\naddl %eax, %eax\naddl $${name.length}, %eax\nret\n.section ${section},"aw"\n.align 4\n.long ${name}\n.text`;
    const start = `.text
      .globl main
      .type main, @function
      main:
      xorl %eax, %eax
      ${["__zvm_constructors", "__zvm_destructors"]
        .flatMap((list) =>
          [0, 1, 2].map(
            (at) =>
              `movl ${list}+${4 * at}(%rip), %edx\n${at < 2 ? "call *%rdx" : "addl %edx, %eax"}`,
          ),
        )
        .join("\n")}
      ret
      .type xxxxx, @function
      ${listed("xxxxx", ".init_array")}
      .type x, @function
      ${listed("x", ".init_array.00101")}
      .type xx, @function
      ${listed("xx", ".fini_array.00200")}
      .type xxx, @function
      ${listed("xxx", ".fini_array")}`;
    const file = buildNexe({ program: filesOf(start, HELPER), library: LIBRARY });
    // Each doubles what there is and adds its length: 1, 5, then 3, 2.
    expect(runTranslated(file).exitCode).toBe(((1 * 2 + 5) * 2 + 3) * 2 + 2);
  });
});
