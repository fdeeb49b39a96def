import { FLAG, type Form } from "../../../src/nacl/x86/index.ts";
import { CONDITIONS } from "../../../src/nacl/x86/rows/index.ts";
import type { Dice } from "../../../test/support/dice.ts";
import { PLACE } from "./layout.ts";

/** What is made of the flags behind an instruction. */
export interface Observer {
  readonly name: string;
  /** Flags that it depends on, as bits of `FLAG`. */
  readonly reads: number;
  /** Assembly that leaves it in memory. */
  readonly code: string;
}

const KEEP_RAX = `movq %rax, ${PLACE.rax}(%r15)`;
const STATUS = FLAG.C | FLAG.P | FLAG.A | FLAG.Z | FLAG.S | FLAG.O;

/** All flags: as `lahf` gives them, and O. */
export const ALL: Observer = {
  name: "all flags",
  reads: STATUS,
  code: `${KEEP_RAX}\nlahf\nseto %al\nmovw %ax, ${PLACE.observed}(%r15)`,
};

/** No flag at all: what made them may be left out. */
const NONE: Observer = { name: "no flag", reads: 0, code: KEEP_RAX };

const CARRY: Observer = {
  name: "adc",
  reads: FLAG.C,
  code: `${KEEP_RAX}\nmovl $0, %eax\nadcl $0, %eax\nmovb %al, ${PLACE.observed}(%r15)`,
};

const OTHERS: readonly [Observer, ...Observer[]] = [
  NONE,
  CARRY,
  ...CONDITIONS.flatMap(([name, letters]): Observer[] => {
    const reads = [...letters].reduce((set, letter) => set | FLAG[letter as keyof typeof FLAG], 0);
    const seen = `${PLACE.observed}(%r15)`;
    return [
      { name: `set${name}`, reads, code: `set${name} ${seen}\n${KEEP_RAX}` },
      { name: `j${name}`, reads, code: `j${name} over\nmovb $1, ${seen}\nover: ${KEEP_RAX}` },
      {
        name: `cmov${name}`,
        reads,
        code: `${KEEP_RAX}\nmovl $0, %eax\ncmov${name}l ${PLACE.one}(%r15), %eax\nmovb %al, ${seen}`,
      },
    ];
  }),
];

/** Any observer of single conditions. */
export function anyObserver(dice: Dice): Observer {
  return dice.of(OTHERS);
}

/** Observers of single conditions, in turns, for an instruction that changes flags. */
export function observersOf(dice: Dice, form: Form): Observer[] {
  if (((form.flagsWritten | form.flagsUndefined) & STATUS) === 0) return [NONE];
  return [NONE, ...Array.from({ length: 6 }, () => anyObserver(dice))];
}
