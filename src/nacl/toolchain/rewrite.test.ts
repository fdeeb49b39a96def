import { describe, expect, test } from "vitest";
import { rewrite } from "./rewrite.ts";

/** The instructions that a text becomes, without what every text begins with. */
function rewritten(text: string): string[] {
  return rewrite(text, "0").text.split("\n").slice(1, -1);
}

function locked(...lines: readonly string[]): string[] {
  return [".bundle_lock", ...lines, ".bundle_unlock"];
}

describe("memory", () => {
  test.each([
    ["movl 8(%eax), %edx", "movl %eax, %r11d", "movl 8(%r15,%r11), %edx"],
    ["movb %cl, (%r8d)", "movl %r8d, %r11d", "movb %cl, (%r15,%r11)"],
    // What may wrap is computed in 32 bits first.
    ["movl -4(%eax), %edx", "leal -4(%rax), %r11d", "movl (%r15,%r11), %edx"],
    ["addsd 8(%edi,%ecx,8), %xmm1", "leal 8(%rdi,%rcx,8), %r11d", "addsd (%r15,%r11), %xmm1"],
    ["incl counts(,%eax,4)", "leal counts(,%rax,4), %r11d", "incl (%r15,%r11)"],
    ["movb $1, 16(%rsp,%rax)", "leal 16(%rsp,%rax,1), %r11d", "movb $1, (%r15,%r11)"],
    ["movl -16777220, %eax", "movl $-16777220, %r11d", "movl (%r15,%r11), %eax"],
    ["lock xaddl %eax, (%edx)", "movl %edx, %r11d", "lock xaddl %eax, (%r15,%r11)"],
  ])("%s goes through an index in r11", (text, ...lines) => {
    expect(rewritten(text)).toEqual(locked(...lines));
  });

  test.each([
    ["movl 12(%esp), %eax", "movl 12(%rsp), %eax"],
    ["movq -24(%ebp), %rdx", "movq -24(%rbp), %rdx"],
    ["movl total(%rip), %eax", "movl total(%rip), %eax"],
    ["movl total+4, %eax", "movl total+4(%rip), %eax"],
    ["leal 4(%eax,%edx,2), %ecx", "leal 4(%rax,%rdx,2), %ecx"],
    ["leaq (%eax,%edx), %rcx", "leal (%rax,%rdx,1), %ecx"],
    ["leaq 8(%rax,%rdx), %rcx", "leaq 8(%rax,%rdx,1), %rcx"],
  ])("%s is one instruction", (text, line) => {
    expect(rewritten(text)).toEqual([line]);
  });

  test("a table of a switch is read in the operand itself", () => {
    expect(rewritten("movl .L4(,%edi,4), %eax\njmp *%rax")).toEqual([
      ...locked("movl %edi, %r11d", "movl .L4(%r15,%r11,4), %eax"),
      ...locked("movl %eax, %r11d", "andl $-32, %r11d", "addq %r15, %r11", "jmp *%r11"),
    ]);
  });
});

describe("what the rules or the encoding do not have", () => {
  test("a high byte and memory", () => {
    expect(rewritten("movb %ah, 1(%eax)")).toEqual([
      ...["movl %eax, %r11d", "xchgb %al, %ah"],
      ...locked("movl %r11d, %r11d", "movb %al, 1(%r15,%r11)"),
      "xchgb %al, %ah",
    ]);
    expect(rewritten("cmpb %bh, total(%rip)")).toEqual(["cmpb %bh, total(%rip)"]);
  });

  test.each([
    ["btl %ecx, %edi", "movl %edi, %r11d", "shrl %cl, %r11d", "btl $0, %r11d"],
    [
      "btq %rax, %rcx",
      "movq %rcx, %r11",
      ...["xchgq %rax, %rcx", "shrq %cl, %r11", "xchgq %rax, %rcx", "btq $0, %r11"],
    ],
    ["btsl %ecx, %edi", "movl $1, %r11d", "shll %cl, %r11d", "orl %r11d, %edi"],
    ["btcq %rcx, %r8", "movl $1, %r11d", "shlq %cl, %r11", "xorq %r11, %r8"],
    ["btrl %ecx, %edx", "movl $1, %r11d", "shll %cl, %r11d", "notl %r11d", "andl %r11d, %edx"],
    ["btl $3, %edx", "btl $3, %edx"],
  ])("%s", (text, ...lines) => {
    expect(rewritten(text)).toEqual(lines);
  });
});

describe("the stack", () => {
  test.each([
    ["subl $24, %esp", "subl $24, %esp", "leaq (%rsp,%r15), %rsp"],
    ["leal -16(%ebp), %esp", "leal -16(%rbp), %esp", "leaq (%rsp,%r15), %rsp"],
    ["movl %esp, %ebp", "movl %esp, %ebp", "leaq (%rbp,%r15), %rbp"],
    ["movq %rax, %rsp", "movl %eax, %esp", "leaq (%rsp,%r15), %rsp"],
  ])("%s ends inside, and leaves the flags", (text, ...lines) => {
    expect(rewritten(text)).toEqual(locked(...lines));
  });

  test("what only looks at it stays", () => {
    expect(rewritten("cmpl %eax, %esp\npushq %rbp\nmovq %rbp, %rsp")).toEqual([
      "cmpl %eax, %esp",
      "pushq %rbp",
      "movq %rbp, %rsp",
    ]);
  });

  test("leave", () => {
    expect(rewritten("leave")).toEqual([
      "movq %rbp, %rsp",
      "popq %r11",
      ...locked("movl %r11d, %ebp", "leaq (%rbp,%r15), %rbp"),
    ]);
  });
});

describe("control", () => {
  test("returns, calls and jumps", () => {
    expect(rewritten("call f\njmp g\nrep ret")).toEqual(["naclcall f", "jmp g", "naclret"]);
    expect(rewritten("call *%rbx")).toEqual([
      ".bundle_lock align_to_end",
      ...["movl %ebx, %r11d", "andl $-32, %r11d", "addq %r15, %r11", "call *%r11"],
      ".bundle_unlock",
    ]);
  });

  test("bundles begin at functions, and at labels that are values somewhere", () => {
    const text = `
      .p2align 4
      .type f, @function
    f: jmp .L1
      .p2align 4,,10
    .L1: nop
    .L2: nop
      .section .rodata.str1.1,"aMS",@progbits,1
      .align 4
    table: .long .L2
      .section .note.GNU-stack,"",@progbits`;
    expect(rewritten(text)).toEqual([
      ...[".p2align 5", "f:", "jmp .L1", ".L1:", "nop", ".p2align 5", ".L2:", "nop"],
      ...[".section .rodata.str1.1", ".align 4", "table:", ".long .L2"],
    ]);
  });
});

test("string instructions are the macro, whatever is said of their addresses", () => {
  expect(rewritten("addr32 movsl\nrep stosq")).toEqual([
    "naclstring movsl",
    "naclstring rep stosq",
  ]);
});

test.each([
  ["movl %fs:tl@tpoff, %eax", "variables of a thread have no place in a nexe"],
  ['.section .tbss,"awT",@nobits', "variables of a thread have no place in a nexe"],
  ['.section .init_array,"aw"', "no nexe has a section .init_array"],
  ["jmp *8(%rax)", "a jump through memory: *8(%rax)"],
])("%s is refused by name", (text, message) => {
  expect(() => rewrite(text, "0")).toThrow(expect.objectContaining({ name: "NotBuilt", message }));
});
