import { BUNDLE_BYTES, FLOW, FORMS, NO_FORM, RIP } from "../../x86/index.ts";
import type { DataBytes, GuestText } from "../guest/index.ts";
import { flowOf } from "./block-graph.ts";

const IMMEDIATES = /^(mov\*|movw|push\*|cmp\*|lea\*|add\*)$/;
const NOP = /^nop/;
const CONSTANT_FORMS: Uint8Array = Uint8Array.from(FORMS, ({ names }) =>
  Number(IMMEDIATES.test(names[0] ?? "")),
);
const NOP_FORMS: Uint8Array = Uint8Array.from(FORMS, ({ names }) =>
  Number(NOP.test(names[0] ?? "")),
);

/**
 * Addresses of bundles that the program may jump to because it has them as constants, in its
 * instructions or in its data. A guess either way: what is missing is translated when it is
 * reached, and what is too much costs speed only.
 */
export function addressesTaken(text: GuestText, data: readonly DataBytes[]): Set<number> {
  const found = new Set<number>();
  const add = (address: number) => {
    if (address % BUNDLE_BYTES === 0 && text.at(address) >= 0) found.add(address);
  };
  const { count, form, imm, base, disp } = text.instructions;
  for (let at = 0; at < count; at++) {
    if (CONSTANT_FORMS[form[at] ?? 0] !== 1 || form[at] === NO_FORM) continue;
    add((imm[at] ?? 0) >>> 0);
    if (base[at] === RIP) add((text.addressBehind(at) + (disp[at] ?? 0)) >>> 0);
    else if (FORMS[form[at] ?? 0]?.names[0] === "lea*") add((disp[at] ?? 0) >>> 0);
  }
  for (const { bytes } of data) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at + 4 <= bytes.length; at += 4) add(view.getUint32(at, true));
  }
  return found;
}

/** Addresses of bundles that control does not reach from the one before: a function may begin. */
export function entryBundles(text: GuestText): Set<number> {
  const entries = new Set<number>();
  const { count } = text.instructions;
  let isReached = false;
  for (let at = 0; at < count; at++) {
    const address = text.addressOf(at);
    if (!isReached && address % BUNDLE_BYTES === 0) entries.add(address);
    if (isNop(text, at)) continue;
    const flow = flowOf(text, at);
    isReached = flow === FLOW.next || flow === FLOW.branch;
  }
  return entries;
}

/** nop in one of its forms; two bytes of it are xchg of ax with itself. */
function isNop({ instructions }: GuestText, at: number): boolean {
  const form = instructions.form[at] ?? 0;
  if (NOP_FORMS[form] === 1) return true;
  return FORMS[form]?.opcode === 0x90 && FORMS[form]?.map === 0 && instructions.rm[at] === 0;
}
