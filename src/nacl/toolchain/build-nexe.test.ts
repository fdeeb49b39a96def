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
    [
      [HELPER],
      'the library, in __zvm_start: "main" is not defined: a program begins with int main',
    ],
    [[`${MAIN}\n.text\ncall gone`], 'a.c, in main: "gone" is not defined'],
    [
      [HELPER, `${MAIN}\n.text\n.type f, @function\nf: jmp gone`],
      'b.c, in f: "gone" is not defined',
    ],
    [[MAIN, MAIN], 'b.c, in main: "main" is defined twice: main:'],
    [
      [`${MAIN}\n.text\nvzeroupper_x`],
      'a.c, in main: unknown instruction "vzeroupper_x": vzeroupper_x',
    ],
    [[asm("nothing")], 'b.c:7, in f: unknown instruction "nothing": nothing'],
    [[asm(".byte 0x0f, 0x05")], "b.c:7, in f: unrecognized instruction"],
    [[asm("movl $0, %r15d")], "b.c:7, in f: error - %r15 is changed"],
    [
      [`${MAIN}\n.text\ncall fork`],
      'a.c, in main: "fork" is not defined: there is no other process in the sandbox',
    ],
    [[asm("jmp 1f\n1: jnz 2b")], "b.c:7: there is no label 2 for 2b: jnz 2b"],
    [[asm("1: jmp 1f")], "b.c:7: there is no label 1 for 1f: jmp 1f"],
    [
      [`${MAIN}\n.section .note.GNU-stack,"x",@progbits`],
      "a.c: a nested function is called by its address, which needs code on the stack",
    ],
    [[`${MAIN}\n.section .tbss`], "a.c: variables of a thread have no place in a nexe"],
  ])("says what is wrong with it, and where", (texts, message) => {
    expect(() => buildNexe({ program: filesOf(...texts), library: LIBRARY })).toThrow(
      expect.objectContaining({ name: "NotBuilt", message }),
    );
  });

  const weak = (name: string, value: number): string =>
    `.weak ${name}\n.type ${name}, @function\n${name}:\nmovl $${value}, %eax\nret\n`;
  const strong = (name: string, value: number): string =>
    weak(name, value).replace(".weak", ".globl");
  const calling = (name: string): string =>
    `.text\n.globl main\n.type main, @function\nmain:\ncall ${name}\nret\n`;

  test.each([
    ["a strong definition", [calling("f") + weak("f", 1), strong("f", 2)], 2],
    ["a strong definition of a file before", [strong("f", 2), calling("f") + weak("f", 1)], 2],
    ["the first of weak ones", [calling("f"), weak("f", 3), weak("f", 4)], 3],
    ["the only one", [calling("f") + weak("f", 1)], 1],
    ["a strong alias", [calling("f") + weak("f", 1), `${strong("g", 5)}.globl f\n.set f, g\n`], 5],
  ])("of names that are weak, %s is taken", (_, texts, status) => {
    const file = buildNexe({ program: filesOf(...texts), library: LIBRARY });
    expect(runTranslated(file).exitCode).toBe(status);
  });

  test("a weak name that nobody defines is a null, and may stand in a call that is not made", () => {
    const text = `${calling("f")}${strong("f", 7)}
      .weak gone
      movl $gone, %edx
      testl %edx, %edx
      je .Lnone
      call gone
      movl gone(%rip), %eax
      .Lnone: ret`;
    const asked = text.replace("movl $7, %eax\nret", "movl $7, %eax");
    const file = buildNexe({ program: filesOf(asked), library: LIBRARY });
    expect(runTranslated(file).exitCode).toBe(7);
    const { fileOffset, fileBytes } = readNexe(file, "zerovm").text;
    const code = file.subarray(fileOffset, fileOffset + fileBytes);
    expect(validate(code, { policy: "zerovm" }).findings).toEqual([]);
  });

  test("inline assembly as people write it", () => {
    const lines = [
      "/* one; comment */ movl $0, %eax",
      "# another; comment",
      "1: addl $1, %eax # the loop",
      "\tsubl $1, %ecx; jnz 1b",
      "jmp 1f /* over",
      "to the end */ ; addl $100, %eax",
      "1:",
      "rep; nop",
      "lock; xaddl %edx, (%rsp)",
      "lock",
      "incl (%rsp)",
      "addl (%rsp), %eax",
    ];
    const text = `.text\n.globl main\n.type main, @function\nmain:
      movl $5, %ecx
      movl $20, %edx
      pushq $3
      ${asm(lines.join("\n")).split("#APP\n")[1]?.split("\nret")[0]}
      popq %rdx
      ret`;
    const file = buildNexe({ program: filesOf(text, HELPER), library: LIBRARY });
    expect(runTranslated(file).exitCode).toBe(5 + 3 + 20 + 1);
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
