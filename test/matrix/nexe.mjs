/**
 * Native Client programs, assembled from text: integers, strings, floats of both kinds, jumps that
 * are translated later, code that a program makes, and faults with their addresses. Each runs in
 * every tier with its fuel counted, and all of them have to agree.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  assembledNexe,
  BLOCK,
  copiedBlock,
  faultingLoops,
  PLACES,
  trapLines,
  writingNexe,
} from "../support/matrix-nexe.mjs";
import { observe, printOnce } from "../support/matrix-session.mjs";

/** Sums, rotations and products of 32 and 64 bits, with the flags of some. */
const INTEGERS = writingNexe(
  `movl $0x9e3779b9, %ebx
  movl $200000, %r8d
  xorl %r12d, %r12d
  mix: movl %ebx, %eax
  imull $1103515245, %eax, %eax
  addl $12345, %eax
  movl %eax, %ebx
  roll $7, %eax
  mull %ebx
  adcq %rdx, %r12
  rorq $11, %r12
  bsrl %ebx, %ecx
  addl %ecx, %r12d
  subl $1, %r8d
  jne mix
  movq %r12, out(%rip)
  jmp finish`,
  8,
);

/** Doubles until they are infinite, their differences (NaNs), and what is below all normal ones. */
const VECTORS = writingNexe(
  `movl $3000, %r8d
  movapd start(%rip), %xmm0
  movapd start(%rip), %xmm1
  round: addpd %xmm0, %xmm0
  mulpd factor(%rip), %xmm1
  movapd %xmm0, %xmm2
  subpd %xmm0, %xmm2
  addpd %xmm2, %xmm3
  sqrtpd %xmm1, %xmm4
  addps %xmm4, %xmm5
  subl $1, %r8d
  jne round
  movapd %xmm0, out(%rip)
  movapd %xmm1, out+16(%rip)
  movapd %xmm3, out+32(%rip)
  movapd %xmm5, out+48(%rip)
  jmp finish`,
  64,
  `.section .rodata
  .p2align 4
  start: .quad 0x3ff123456789abcd, 0xbff0000000000001
  factor: .quad 0x3fe0000000000000, 0x3fdfffffffffffff`,
);

const X87 = writingNexe(
  `movl $500, %r8d
  fld1
  fldpi
  again: fmul %st, %st(1)
  fld %st(1)
  fsqrt
  faddp %st, %st(1)
  subl $1, %r8d
  jne again
  fstpt out(%rip)
  fstpt out+16(%rip)
  fnstsw out+32(%rip)
  jmp finish`,
  48,
);

/** Copies a loop to the heap, makes it code and runs it; then faults in it. */
const MADE = writingNexe(
  `${copiedBlock("small", 0x80_0000)}
  ${trapLines("Jail", 0x80_0000, BLOCK)}
  movl $5000, %ecx
  movl $out, %r14d
  movl $0x800000, %eax
  naclcall %rax
  ${trapLines("Writ", 1, "out", 4, 0)}
  movl $0x800020, %eax
  naclcall %rax`,
  4,
  `.p2align 16
  small: naclindex %r14 addl %ecx, (%r15,%r14)
  subl $1, %ecx
  jne small
  naclret
  .p2align 5
  xorl %eax, %eax
  movl %eax, %eax
  movl (%r15,%rax), %ecx
  hlt
  .p2align 16`,
);

const PROGRAMS = { integers: INTEGERS, vectors: VECTORS, x87: X87, places: PLACES, made: MADE };
const { program: faulting, addresses } = faultingLoops(1);
PROGRAMS.fault = faulting(Math.floor(addresses.length / 2));

// Once in each tier is more than twice.
await printOnce(async (folder) => {
  const seen = {};
  for (const [name, text] of Object.entries(PROGRAMS)) {
    const program = join(folder, "program.nexe");
    writeFileSync(program, assembledNexe(text));
    const all = [];
    for (const tier of ["auto", "dynamic", "optimise"]) {
      const options = { program, tier, fuel: 10n ** 9n, memoryBytes: 2 ** 25, etag: "sha256" };
      all.push(await observe(options));
    }
    const [first, ...others] = all.map((it) => JSON.stringify(it));
    const other = others.find((it) => it !== first);
    if (other !== undefined) throw new Error(`Tiers differ in ${name}:\n${first}\n${other}`);
    seen[name] = all[0];
  }
  return seen;
});
