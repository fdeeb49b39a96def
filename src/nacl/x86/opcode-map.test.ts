import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  Decoder,
  EXTENDS,
  FACTS,
  FLOW,
  Instructions,
  MEMORY,
  NO_REGISTER,
  POLICY,
} from "./index.ts";

/** Folder of the test data outside the repository; without it the tests of it are skipped. */
const FOLDER = process.env["ZEROVM_CONFORMANCE"];

const PREFIXES: Readonly<Record<string, readonly number[]>> = {
  "-": [],
  66: [0x66],
  f2: [0xf2],
  f3: [0xf3],
  f0: [0xf0],
  "66+f0": [0x66, 0xf0],
  "66+f2": [0x66, 0xf2],
};
const REX: Readonly<Record<string, readonly number[]>> = { "-": [], REX: [0x40], REXW: [0x48] };
const MAPS: Readonly<Record<string, readonly number[]>> = {
  "1B": [],
  "0F": [0x0f],
  "0F38": [0x0f, 0x38],
  "0F3A": [0x0f, 0x3a],
};

/** First bytes that are prefixes or lead to other rows. */
const NO_OPCODES = "0f 26 2e 36 3e 64 65 66 67 c4 c5 f0 f2 f3".split(" ");

const RSP = 4;
const RBP = 5;
const R15 = 15;
const out = new Instructions(1);

/** What the map would say of one probe, by the table and the decoder alone. */
function judge(lead: readonly number[], modrm: readonly number[]): readonly [string, number] {
  const bytes = new Uint8Array(32).fill(0x90);
  bytes.set([...lead, ...modrm]);
  const length = new Decoder(bytes).decode(0, bytes.length, out, 0);
  const form = out.form[0] ?? 0;
  if (length === 0 || FACTS.superOnly[form] === 1) return [".", 0];
  if (FACTS.policy[form] === POLICY.zerovm) return [".", 0];
  const rm = out.rm[0] ?? 0;
  const reg = out.reg[0] ?? 0;
  const zero = FACTS.zeroExtends[form];
  const place = zero === EXTENDS.nothing || out.size[0] !== 4 ? NO_REGISTER : zero;
  const extended = place === EXTENDS.rm ? rm : place === EXTENDS.reg ? reg : NO_REGISTER;
  const written = [...(FACTS.writesRm[form] ? [rm] : []), ...(FACTS.writesReg[form] ? [reg] : [])];
  const isWrong = written.some(
    (register) =>
      register === R15 || ((register === RSP || register === RBP) && register !== extended),
  );
  if (isWrong || isFarAway(form, length) || isBadMemory(form)) return ["e", length];
  if (extended !== NO_REGISTER) return ["Z", length];
  if (FACTS.nontemporal[form] === 1) return ["u", length];
  return [(modrm[0] ?? 0) >= 0xc0 ? "R" : "M", length];
}

function isFarAway(form: number, length: number): boolean {
  const flow = FACTS.flow[form];
  const direct = flow === FLOW.jump || flow === FLOW.branch || flow === FLOW.call;
  return direct && ((length + (out.imm[0] ?? 0)) & 31) !== 0;
}

/** Rows that end before the modrm byte read it as an address with another base than rsp. */
function isBadMemory(form: number): boolean {
  const isMemory = FACTS.memory[form] === MEMORY.dereferenced && out.rm[0] === NO_REGISTER;
  return isMemory && out.base[0] !== RSP;
}

function rowOf(lead: readonly number[]): string {
  let registers = "";
  let memory = "";
  let registerLength = 0;
  let memoryLength = 0;
  for (let reg = 0; reg < 8; reg++) {
    const [letter, length] = judge(lead, [0xc1 | (reg << 3)]);
    registers += letter;
    registerLength = length || registerLength;
    const [other, otherLength] = judge(lead, [0x44 | (reg << 3), 0x24, 0x90]);
    memory += other;
    memoryLength = otherLength || memoryLength;
  }
  return `reg=${registers} mem=${memory} len=${registerLength}/${memoryLength}`;
}

function* plainKeys(): Generator<readonly [string, readonly number[]]> {
  for (const [map, first] of Object.entries(MAPS)) {
    for (const [prefix, before] of Object.entries(PREFIXES)) {
      for (const [rex, middle] of Object.entries(REX)) {
        for (let opcode = 0; opcode < 256; opcode++) {
          const name = opcode.toString(16).padStart(2, "0");
          if (map === "1B" && NO_OPCODES.includes(name)) continue;
          if (map === "1B" && opcode >> 4 === 4) continue;
          yield [`${map} ${prefix} ${rex} ${name}`, [...before, ...middle, ...first, opcode]];
        }
      }
    }
  }
}

function* vexKeys(): Generator<readonly [string, readonly number[]]> {
  for (let bits = 0; bits < 3 * 4 * 2 * 2 * 2; bits++) {
    const [map, prefix, l, w] = [
      1 + (bits >> 5),
      (bits >> 3) & 3,
      (bits >> 2) & 1,
      (bits >> 1) & 1,
    ];
    const vvvv = bits & 1 ? 0b1101 : 0b1111;
    for (let opcode = 0; opcode < 256; opcode++) {
      const name = opcode.toString(16).padStart(2, "0");
      const key = `VEX${map} pp${prefix} L${l} W${w} v${vvvv.toString(2)} ${name}`;
      yield [key, [0xc4, 0xe0 | map, (w << 7) | (vvvv << 3) | (l << 2) | prefix, opcode]];
    }
  }
}

function readMap(folder: string): Map<string, string> {
  const text = readFileSync(join(folder, "nacl", "opcode-map.txt"), "utf8");
  const rows = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    rows
      .filter((row) => !/^1B \S+ \S+ 4/.test(row))
      .map((row) => {
        const at = row.indexOf(" reg=");
        return [row.slice(0, at), row.slice(at + 1)];
      }),
  );
}

const REFUSED = "reg=........ mem=........ len=0/0";

// Skipped where ZEROVM_CONFORMANCE does not name the folder of the test data.
describe.skipIf(FOLDER === undefined)("the map of accepted opcodes (ZEROVM_CONFORMANCE)", () => {
  it.each([
    ["plain", plainKeys],
    ["VEX", vexKeys],
  ])("says of all %s opcodes what the decoder says", (kind, keys) => {
    const map = readMap(FOLDER ?? "");
    const differences: string[] = [];
    let met = 0;
    for (const [key, lead] of keys()) {
      const expected = map.get(key) ?? REFUSED;
      if (map.has(key)) met++;
      const found = rowOf(lead);
      if (found !== expected) differences.push(`${key}: ${found}, not ${expected}`);
    }
    expect(differences).toEqual([]);
    const rows = [...map.keys()].filter((key) => key.startsWith("VEX") === (kind === "VEX"));
    expect(met).toBe(rows.length);
    expect(met).toBeGreaterThan(1000);
  });
});
