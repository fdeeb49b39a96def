import { assert } from "../../base/index.ts";
import { type Form, MANDATORY } from "./form.ts";
import { FORMS } from "./forms.ts";

/** Entries of the dispatch arrays: nothing, a form plus one, or the number of a further table. */
export const NOTHING = 0;
export const GROUP = 0x4000;
/** The form follows from the last byte: look it up in `SUFFIX_FORMS`. */
export const BY_SUFFIX = 0x7fff;

const MAPS = 4;
const PREFIXES = 8;

/** By `(map << 3 | prefixes) << 8 | opcode`; the prefixes are the bits of `MANDATORY`. */
export const PLAIN_ENTRIES = new Uint16Array(MAPS * PREFIXES * 256);

/** By `((map << 3 | prefixes) << 2 | L << 1 | W) << 8 | opcode`. */
export const VEX_ENTRIES = new Uint16Array(MAPS * PREFIXES * 4 * 256);

/** By last byte: the form of a 3DNow! instruction plus one. */
export const SUFFIX_FORMS = new Uint16Array(256);

/** Another form plus one, for those that are refused with a REX prefix. */
export const REX_FORMS = new Uint16Array(FORMS.length);

/** Sixteen entries a group: by modrm.reg for memory, then for registers; or by modrm.rm. */
export const GROUPS = buildGroups();

function buildGroups(): Uint16Array {
  const groups: number[] = [];
  const plain = new Map<number, Form[]>();
  const vex = new Map<number, Form[]>();
  for (const form of FORMS) {
    if (form.suffix !== undefined) SUFFIX_FORMS[form.suffix] = form.id + 1;
    const keys = form.vex === undefined ? plainKeys(form) : vexKeys(form);
    for (const key of keys) {
      const map = form.vex === undefined ? plain : vex;
      const known = map.get(key);
      if (known === undefined) map.set(key, [form]);
      else known.push(form);
    }
  }
  for (const [key, forms] of plain) PLAIN_ENTRIES[key] = entryOf(forms, groups);
  for (const [key, forms] of vex) VEX_ENTRIES[key] = entryOf(forms, groups);
  return Uint16Array.from(groups);
}

function plainKeys(form: Form): number[] {
  const prefixes = [form.mandatory];
  if (form.mandatory === 0) {
    if (form.size === "v" || form.size === "s") prefixes.push(MANDATORY.data16);
    if (form.marks.has("rep") || form.marks.has("repcc")) prefixes.push(MANDATORY.rep);
    if (form.marks.has("repcc")) prefixes.push(MANDATORY.repne);
  }
  return prefixes.flatMap((prefix) =>
    Array.from(
      { length: form.opcodeRegister ? 8 : 1 },
      (_, register) => (((form.map << 3) | prefix) << 8) | (form.opcode + register),
    ),
  );
}

function vexKeys(form: Form): number[] {
  const { l = 0, w } = form.vex ?? {};
  const place = (form.map << 3) | form.mandatory;
  return (w === undefined ? [0, 1] : [w]).map(
    (bit) => (((place << 2) | (l << 1) | bit) << 8) | form.opcode,
  );
}

function entryOf(forms: readonly Form[], groups: number[]): number {
  const [first, ...others] = forms;
  if (first === undefined) return NOTHING;
  if (first.suffix !== undefined) return BY_SUFFIX;
  const strict = forms.find((form) => form.marks.has("norex"));
  if (strict !== undefined && !strict.modrm.present) {
    const lax = forms.find((form) => form !== strict);
    if (lax !== undefined) REX_FORMS[strict.id] = lax.id + 1;
    return strict.id + 1;
  }
  const { extension, fixed } = first.modrm;
  if (others.length === 0 && extension === undefined && fixed === undefined) return first.id + 1;
  const group = newGroup(groups);
  for (const form of forms) addToGroup(form, group, groups);
  return GROUP + group;
}

function newGroup(groups: number[]): number {
  const group = groups.length / 16;
  for (let at = 0; at < 16; at++) groups.push(NOTHING);
  return group;
}

function addToGroup(form: Form, group: number, groups: number[]): void {
  const { modrm } = form;
  if (modrm.fixed !== undefined) {
    const at = group * 16 + 8 + ((modrm.fixed >> 3) & 7);
    if (groups[at] === NOTHING) groups[at] = GROUP + newGroup(groups);
    const inner = (groups[at] ?? 0) - GROUP;
    assert(inner >= 0, `form ${form.id} meets another`);
    groups[inner * 16 + (modrm.fixed & 7)] = form.id + 1;
    return;
  }
  const extensions = modrm.extension === undefined ? [0, 1, 2, 3, 4, 5, 6, 7] : [modrm.extension];
  for (const extension of extensions) {
    for (const [accepted, at] of [
      [modrm.memory, extension],
      [modrm.register, 8 + extension],
    ] as const) {
      if (!accepted) continue;
      assert(groups[group * 16 + at] === NOTHING, `form ${form.id} meets another`);
      groups[group * 16 + at] = form.id + 1;
    }
  }
}
