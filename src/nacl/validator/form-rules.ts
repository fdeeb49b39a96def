import type { NexePolicy } from "../elf/index.ts";
import { EXTENDS, FACTS, FLOW, FORMS, MEMORY, POLICY } from "../x86/index.ts";

/** Bits of what the rules ask about an instruction of a form; 0 for most forms. */
export const RULE = {
  /** Not accepted under the policy. */
  refused: 1 << 0,
  /** Only as the end of a superinstruction. */
  superOnly: 1 << 1,
  /** Its operand, where it is memory, is read or written. */
  dereferences: 1 << 2,
  writesRm: 1 << 3,
  writesReg: 1 << 4,
  /** With operand size 4, its destination becomes the restricted register. */
  restrictsRm: 1 << 5,
  restrictsReg: 1 << 6,
  /** Maybe one of the writes to rbp or rsp that are allowed. */
  maybeStackWrite: 1 << 7,
  /** A jump or call whose target is in its bytes. */
  direct: 1 << 8,
  call: 1 << 9,
  nontemporal: 1 << 10,
} as const;

function formNumber(opcode: number, extension?: number): number {
  return FORMS.findIndex(
    (form) =>
      form.map === 0 &&
      form.opcode === opcode &&
      form.vex === undefined &&
      form.modrm.extension === extension,
  );
}

/** Numbers of the forms that superinstructions and writes of rbp and rsp are made of. */
export const ADD_TO_RM = formNumber(0x01);
export const ADD_TO_REG = formNumber(0x03);
export const OR_TO_RM = formNumber(0x09);
export const OR_TO_REG = formNumber(0x0b);
export const MOV_TO_RM = formNumber(0x89);
export const MOV_TO_REG = formNumber(0x8b);
export const LEA = formNumber(0x8d);
export const AND_SIGNED_BYTE = formNumber(0x83, 4);

const STACK_WRITES: readonly number[] = [
  ADD_TO_RM,
  ADD_TO_REG,
  OR_TO_RM,
  OR_TO_REG,
  MOV_TO_RM,
  MOV_TO_REG,
  LEA,
  AND_SIGNED_BYTE,
];

function rulesOf(form: number, policy: NexePolicy): number {
  const { flow, memory, writesRm, writesReg, zeroExtends } = FACTS;
  const only = FACTS.policy[form];
  const isCall = flow[form] === FLOW.call || flow[form] === FLOW["indirect-call"];
  const isDirect =
    flow[form] === FLOW.jump || flow[form] === FLOW.branch || flow[form] === FLOW.call;
  const rules: readonly (readonly [boolean, number])[] = [
    [only !== POLICY.both && only !== POLICY[policy], RULE.refused],
    [FACTS.superOnly[form] === 1, RULE.superOnly],
    [memory[form] === MEMORY.dereferenced, RULE.dereferences],
    [writesRm[form] !== 0, RULE.writesRm],
    [writesReg[form] !== 0, RULE.writesReg],
    [zeroExtends[form] === EXTENDS.rm, RULE.restrictsRm],
    [zeroExtends[form] === EXTENDS.reg, RULE.restrictsReg],
    [STACK_WRITES.includes(form), RULE.maybeStackWrite],
    [isDirect, RULE.direct],
    [isCall, RULE.call],
    [FACTS.nontemporal[form] === 1, RULE.nontemporal],
  ];
  return rules.reduce((sum, [isSet, bit]) => (isSet ? sum | bit : sum), 0);
}

/** The bits of `RULE` by number of form. */
export const FORM_RULES: Readonly<Record<NexePolicy, Uint16Array>> = {
  zerovm: Uint16Array.from(FORMS, ({ id }) => rulesOf(id, "zerovm")),
  nacl: Uint16Array.from(FORMS, ({ id }) => rulesOf(id, "nacl")),
};
