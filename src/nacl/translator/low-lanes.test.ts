import { describe, expect, it } from "vitest";
import { BITS, registersAfter } from "../../../test/support/float-registers.ts";

const { one: ONE, quiet: QUIET, infinite: INFINITE } = BITS;
const [TWO, THREE, FOUR, EIGHT, TWELVE] = [
  0x4000_0000_0000_0000n,
  0x4008_0000_0000_0000n,
  0x4010_0000_0000_0000n,
  0x4020_0000_0000_0000n,
  0x4028_0000_0000_0000n,
];

describe("registers that scalars are written into", () => {
  it("keep their other lanes in copies, other widths and pairs", () => {
    const after = registersAfter(`
      movapd %xmm1, %xmm0
      unpcklpd %xmm0, %xmm0
      addsd %xmm1, %xmm0
      movapd %xmm0, %xmm4
      addsd %xmm1, %xmm0
      cvtsd2ss %xmm0, %xmm4
      movsd %xmm0, trap_block(%rip)
      movsd trap_block(%rip), %xmm3
      addsd %xmm1, %xmm3
      movapd %xmm3, %xmm2
      mulsd %xmm0, %xmm2
      unpcklpd %xmm2, %xmm2`);
    const widths = ((TWO >> 32n) << 32n) | 0x4040_0000n;
    expect(after.slice(0, 10)).toEqual([
      THREE,
      ONE,
      ONE,
      0n,
      TWELVE,
      TWELVE,
      FOUR,
      0n,
      widths,
      ONE,
    ]);
  });

  it("are whole where blocks meet, and in functions that are called", () => {
    const after = registersAfter(`
      unpcklpd %xmm1, %xmm1
      movapd %xmm1, %xmm0
      movl $3, %ecx
again:
      addsd %xmm1, %xmm0
      subl $1, %ecx
      jne again
      movapd %xmm0, %xmm2
      testl %ecx, %ecx
      je past
      addsd %xmm0, %xmm2
past:
      movsd %xmm1, %xmm3
      naclcall twice
      jmp behind
      .p2align 5
twice:
      addsd %xmm0, %xmm0
      movapd %xmm0, %xmm4
      naclret
      .p2align 5
behind:
      nop`);
    expect(after.slice(0, 10)).toEqual([EIGHT, ONE, ONE, ONE, FOUR, ONE, ONE, 0n, EIGHT, ONE]);
  });

  it("are the same behind a run that was done again", () => {
    const after = registersAfter(`
      unpcklpd %xmm1, %xmm1
      movapd %xmm1, %xmm4
      addsd %xmm1, %xmm4
      movapd %xmm4, %xmm2
      addsd %xmm0, %xmm4
      mulsd %xmm2, %xmm2
      movapd %xmm4, %xmm0
      addpd %xmm1, %xmm0
      movsd %xmm2, %xmm1`);
    expect(after.slice(0, 10)).toEqual([
      QUIET,
      TWO,
      FOUR,
      ONE,
      FOUR,
      ONE,
      INFINITE,
      0n,
      QUIET,
      ONE,
    ]);
  });
});
