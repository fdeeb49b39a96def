import type { Form } from "../../../src/nacl/x86/index.ts";

/** Vector instructions that take memory wherever it lies. */
const ANYWHERE = /^(movup[sd]|movdqu|lddqu|pcmp[ei]str[im])$/;

/** Whether a processor faults where the memory operand is not at a multiple of 16. */
export function needsAlignment(form: Form, memoryBytes: number): boolean {
  return memoryBytes === 16 && !ANYWHERE.test(form.names[0] ?? "");
}
