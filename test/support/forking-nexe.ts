import { trapLines } from "./nexe-text.ts";

/** Exits with the number in eax. */
const EXIT = `movq $0x74697845, words(%rip)
  movl %eax, %eax
  movq %rax, words+16(%rip)
  movl $words, %edi
  naclcall 0x10000
  hlt`;

/** A program with lines before and behind its point; registers and stack have to stay. */
export function forking(before: string, behind: string, more = ""): string {
  return `.text
    .globl _start
    .p2align 5
    _start: movl $7, %ebx
    ${before}
    ${trapLines("Writ", 2, "said", 14, 0)}
    movl $5, %r12d
    pushq $3
    ${trapLines("Fork")}
    popq %rcx
    leal (%rbx,%r12,8), %edx
    addl %ecx, %edx
    addl %edx, %eax
    movl %eax, sum(%rip)
    ${behind}
    ${trapLines("Read", 0, "buffer", 64, 0)}
    movq %rax, words+32(%rip)
    movl $buffer, %eax
    movq %rax, words+24(%rip)
    movq $1, words+16(%rip)
    movq $0x74697257, words(%rip)
    movl $words, %edi
    naclcall 0x10000
    movl sum(%rip), %eax
    ${EXIT}
    ${more}
    .data
    .p2align 4
    words: .quad 0, 0, 0, 0, 0, 0
    sum: .long 0
    said: .ascii "before fork()\\n"
    buffer: .zero 64`;
}

/** What it exits with: 0 of the call, 3 of its stack, and its registers. */
export const SUM = 7 + 8 * 5 + 3;
/** Copies its input to standard output behind the point. */
export const COPYING = forking("", "");

/** Behind the point it comes to code that was not translated before, and makes some. */
export const LATER = forking(
  "",
  `leaq unnamed(%rip), %rax
  leaq 32(%rax), %rax
  naclcall %rax
  movl $small, %esi
  movl $0x1000000, %edi
  movl $8, %ecx
  naclstring rep movsl
  ${trapLines("Jail", 0x100_0000, 32)}
  movl $0x1000000, %ecx
  naclcall %rcx`,
  `.p2align 5
  unnamed: hlt
  .p2align 5
  addl $100, sum(%rip)
  naclret
  .p2align 5
  small: addl $1000, sum(%r15)
  naclret`,
);
