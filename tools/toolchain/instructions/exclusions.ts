import type { Form } from "../../../src/nacl/x86/index.ts";

/** Forms that are not compared one by one: by group, or by the first name. */
const GROUPS: Readonly<Record<string, string>> = {
  x87: "the C programs x87 and transcendental compare them, in all modes and with all operands",
  "3dnow": "processors of today do not have it",
};

const NAMES: Readonly<Record<string, string>> = {
  rdtsc: "counts instead of telling the time",
  cpuid: "tells of one processor, whatever runs it",
  nopw: "is padding of fixed bytes",
  call: "the C programs call",
  "jmp ff": "every snippet is reached by one",
};

/** Why a form is left out, or undefined where it is compared. */
export function whyExcluded(form: Form): string | undefined {
  const [name = ""] = form.names;
  return GROUPS[form.group] ?? NAMES[name] ?? NAMES[`${name} ${form.opcode.toString(16)}`];
}
