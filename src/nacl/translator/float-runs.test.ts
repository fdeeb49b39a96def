import { describe, expect, it } from "vitest";
import { BITS, registersAfter } from "../../../test/support/float-registers.ts";
import { assemble } from "../x86/assembler/index.ts";
import { FloatRunPlanner } from "./emit/index.ts";
import { GLOBAL, GuestText } from "./guest/index.ts";

const { signalling: SIGNALLING, quiet: QUIET, own: OWN, infinite: INFINITE, one: ONE } = BITS;

/** Registers that are looked at behind the one run of these lines, by what is live there. */
function suspectsOf(lines: readonly string[], live: readonly number[]): string[] {
  const guest = new GuestText(assemble(`_start: ${lines.join("\n")}`).text, 0x20000);
  const set = live.reduce((bits, register) => bits | (1 << (GLOBAL.XMM + register)), 0);
  const planner = new FloatRunPlanner(guest);
  const runs = planner.find(
    0,
    lines.length - 1,
    () => 0,
    () => set,
  );
  expect(runs).toHaveLength(1);
  return (runs[0]?.suspects ?? [])
    .map(({ register, isPacked }) => `${isPacked ? "all" : "low"} ${register - GLOBAL.XMM}`)
    .sort();
}

describe("what is looked at behind a run", () => {
  it("is the last of the values that follow from each other", () => {
    const chain = ["mulsd %xmm0, %xmm1", "xchg %ax, %ax", "addsd %xmm1, %xmm2"];
    expect(suspectsOf([...chain, "movapd %xmm2, %xmm3"], [1, 2])).toEqual(["low 2"]);
    expect(suspectsOf([...chain, "movapd %xmm2, %xmm3"], [1, 2, 3])).toHaveLength(1);
    expect(suspectsOf([...chain, "subsd %xmm1, %xmm4"], [1, 2, 4])).toEqual(["low 2", "low 4"]);
    expect(suspectsOf([...chain, "sqrtsd %xmm2, %xmm5"], [1, 2, 5])).toEqual(["low 5"]);
  });

  it("is a double before its lower half is copied", () => {
    expect(suspectsOf(["addsd %xmm1, %xmm0", "movss %xmm0, %xmm2"], [0, 2])).toEqual(["low 0"]);
  });

  it("is an earlier one where the later are gone, or need not be NaNs as well", () => {
    expect(suspectsOf(["mulsd %xmm0, %xmm1", "addsd %xmm1, %xmm2"], [1])).toEqual(["low 1"]);
    expect(suspectsOf(["addpd %xmm1, %xmm0", "addsd %xmm0, %xmm2"], [0, 2])).toEqual([
      "all 0",
      "low 2",
    ]);
    expect(suspectsOf(["addsd %xmm1, %xmm0", "maxsd %xmm0, %xmm2"], [0, 2])).toEqual([
      "low 0",
      "low 2",
    ]);
    // The root takes the place of a lane that nothing else has.
    expect(
      suspectsOf(["addsd %xmm1, %xmm0", "movapd %xmm0, %xmm3", "sqrtsd %xmm2, %xmm0"], [0, 3]),
    ).toEqual(["low 0", "low 3"]);
  });
});

it("gives every NaN of a run the processor's bits, and does nothing else of it twice", () => {
  const after = registersAfter(`
    addsd %xmm1, %xmm0
    addl $2, %ebx
    mulsd %xmm0, %xmm2
    subsd %xmm3, %xmm3
    movapd %xmm3, %xmm4
    addl $1, %ebx
    unpcklpd %xmm0, %xmm4
    divpd %xmm1, %xmm4`);
  expect(after).toEqual([QUIET, 0n, ONE, 0n, QUIET, 0n, OWN, 0n, OWN, QUIET, 8n]);
});

it("sees a NaN that a run leaves in single lanes, or hands on through memory", () => {
  const after = registersAfter(`
    subps %xmm3, %xmm3
    subsd %xmm0, %xmm1
    movsd %xmm1, trap_block(%rip)
    movsd trap_block(%rip), %xmm4
    addsd %xmm4, %xmm2
    xorpd %xmm4, %xmm2`);
  expect(after.slice(0, 10)).toEqual([SIGNALLING, 0n, QUIET, 0n, 0n, 0n, INFINITE, 0n, QUIET, 0n]);
});
