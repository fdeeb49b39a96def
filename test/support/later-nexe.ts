/** Programs for Native Client that come to code which is translated while they run. */
import { writingNexe } from "./nexe-text.ts";

/** Calls places of a function that nothing names, one after the other, round and round. */
export const PLACES = writingNexe(
  `xorl %ebx, %ebx
  xorl %r12d, %r12d
  next: movl %r12d, %eax
  andl $3, %eax
  shll $5, %eax
  leaq unnamed(%rip), %rcx
  addl %ecx, %eax
  naclcall %rax
  addl $1, %r12d
  cmpl $400, %r12d
  jb next
  movl %ebx, out(%rip)
  jmp finish`,
  4,
  `.p2align 5
  nop
  .p2align 5
  unnamed: addl $1, %ebx
  .p2align 5
  addl $10, %ebx
  .p2align 5
  addl $100, %ebx
  .p2align 5
  addl $1000, %ebx
  naclret`,
);
/** Each of the four places is called a hundred times. */
export const PLACES_SUM = 100 * (1111 + 1110 + 1100 + 1000);

/** Bytes of a page, which code that a program makes begins at. */
export const BLOCK = 0x1_0000;

/** Lines that copy a page from a label to an address. */
export const copiedBlock = (label: string, to: number): string => `movl $${label}, %esi
  movl $${to}, %edi
  movl $${BLOCK / 4}, %ecx
  naclstring rep movsl`;
