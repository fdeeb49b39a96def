import type { Form } from "../../../src/nacl/x86/index.ts";

/** Vector instructions that take memory wherever it lies. */
const ANYWHERE = /^(movup[sd]|movdqu|lddqu|pcmp[ei]str[im])$/;

/** With VEX, only these do not. */
const ALIGNED = /^v(movap[sd]|movdqa|movnt)/;

/** Whether a processor faults where the memory operand is not at a multiple of its size. */
export function needsAlignment(form: Form, memoryBytes: number): boolean {
  if (form.vex !== undefined) return ALIGNED.test(form.names[0] ?? "");
  return memoryBytes === 16 && !ANYWHERE.test(form.names[0] ?? "");
}
