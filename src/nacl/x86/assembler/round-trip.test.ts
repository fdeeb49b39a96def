import { describe, expect, it } from "vitest";
import { Decoder, FORMS, type Form, Instructions, printInstruction } from "../index.ts";
import { assemble, TEXT_ADDRESS } from "./index.ts";

const TRIES = 15;
const BYTES = 30;

/** Numbers that look random and are the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const random = generator(0x2545f491);
const MAPS: readonly (readonly number[])[] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];

/** Bytes that may be an instruction of the form, with random registers, memory and numbers. */
function bytesFor(form: Form): Uint8Array {
  const bytes = form.vex === undefined ? plainOpcode(form) : vexOpcode(form);
  const { present, fixed, extension, register, memory } = form.modrm;
  if (present) {
    const any = memory ? random(register ? 256 : 0xc0) : 0xc0 | random(64);
    bytes.push(fixed ?? (extension === undefined ? any : (any & 0xc7) | (extension << 3)));
  }
  while (bytes.length < BYTES) bytes.push(random(3) > 0 ? random(256) : random(2) * 255);
  if (form.suffix !== undefined) bytes.fill(form.suffix, bytes.indexOf(0x0f) + 3);
  if (form.marks.has("fixed-nop")) bytes.splice(3, 6, 0x44, 0, 0);
  return Uint8Array.from(bytes);
}

function plainOpcode(form: Form): number[] {
  const bytes: number[] = [];
  const { marks, mandatory } = form;
  const sized = (form.size === "v" || form.size === "s") && random(3) === 0;
  if (marks.has("lock") && random(3) === 0) bytes.push(0xf0);
  if (!sized && (marks.has("rep") || marks.has("repcc")) && random(2) === 0) bytes.push(0xf3);
  else if (!sized && marks.has("repcc") && random(2) === 0) bytes.push(0xf2);
  if ((mandatory & 1) !== 0 || sized) bytes.push(0x66);
  if ((mandatory & 2) !== 0) bytes.push(0xf2);
  if ((mandatory & 4) !== 0) bytes.push(0xf3);
  const bare = marks.has("fixed-nop") || marks.has("norex");
  if (!bare && random(2) === 0) bytes.push(0x40 | random(16));
  bytes.push(...(MAPS[form.map] ?? []), form.opcode | (form.opcodeRegister ? random(8) : 0));
  return bytes;
}

function vexOpcode({ vex, mandatory, map, opcode, operands }: Form): number[] {
  const prefix = mandatory === 4 ? 2 : mandatory === 2 ? 3 : mandatory;
  const vvvv = operands.some(({ kind }) => kind === "xmm-vvvv") ? random(16) : 15;
  const last = ((vex?.w ?? random(2)) << 7) | (vvvv << 3) | ((vex?.l ?? 0) << 2) | prefix;
  return [0xc4, (random(8) << 5) | map, last, opcode];
}

function printed(bytes: Uint8Array, form?: number): string | undefined {
  const out = new Instructions(1);
  const length = new Decoder(bytes).decode(0, Math.min(bytes.length, 32), out, 0);
  if (length === 0 || (form !== undefined && out.form[0] !== form)) return undefined;
  return printInstruction(out, 0, TEXT_ADDRESS);
}

describe("every form of the table", () => {
  it("is decoded, printed and assembled to an instruction with the same text", () => {
    const wrong: string[] = [];
    const unmet = new Set(FORMS.map((form) => form.id));
    for (const form of FORMS) {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const text = printed(bytesFor(form), form.id);
        if (text === undefined) continue;
        unmet.delete(form.id);
        const again = printed(assemble(text).text);
        if (again !== text) wrong.push(`${text} became ${again}`);
      }
    }
    expect(wrong).toEqual([]);
    expect([...unmet]).toEqual([]);
  });
});
