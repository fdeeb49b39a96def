import { describe, expect, test } from "vitest";
import {
  HAS_NACL_CASES,
  type NaclCase,
  naclCases,
  type OpcodeRow,
  opcodeRows,
  padded,
} from "../../../test/support/nacl-cases.ts";
import { Decoder, Instructions } from "../x86/index.ts";
import { type Verdict, validate } from "./index.ts";

const BUNDLE_BYTES = 32;
const NO_NONTEMPORALS = { policy: "nacl", nontemporals: false } as const;
const BAD_INDEX = "improper memory address - bad index";

function shown({ findings }: Verdict): string[] {
  return findings.map(({ offset, reason }) => `${offset.toString(16)}: ${reason}`);
}

/** Where a direct jump may go: the offsets that are accepted as the target of one at the end. */
function legalTargets(code: Uint8Array, size: number): number[] {
  const targets: number[] = [];
  for (let target = 0; target < size; target++) {
    const bytes = new Uint8Array(code.length + BUNDLE_BYTES).fill(0x90);
    bytes.set(code);
    bytes[code.length] = 0xe9;
    new DataView(bytes.buffer).setInt32(code.length + 1, target - (code.length + 5), true);
    if (validate(bytes, { policy: "nacl" }).valid) targets.push(target);
  }
  return targets;
}

function chunkStarts({ chunks }: NaclCase): number[] {
  let at = 0;
  return chunks.map((chunk) => {
    at += chunk.length;
    return at - chunk.length;
  });
}

// The cases are no part of the repository.
describe.skipIf(!HAS_NACL_CASES)("the given cases of the reference", () => {
  const cases = HAS_NACL_CASES ? naclCases() : [];

  test.each(cases)("$name: its findings in order", (one) => {
    const verdict = validate(padded(one.chunks.flat()), { policy: "nacl" });
    expect(shown(verdict)).toEqual(one.findings);
    expect(verdict.valid).toBe(one.isValid);
  });

  test.each(cases.filter(({ isValid }) => isValid))("$name: its jump targets", (one) => {
    const bytes = one.chunks.flat();
    expect(legalTargets(padded(bytes), bytes.length)).toEqual(chunkStarts(one));
  });
});

/** The probes of the map of opcodes: with the register 1, and with memory at rsp. */
function probes({ opcode, registers, memory }: OpcodeRow): [bytes: Uint8Array, letter: string][] {
  const regs = [0, 1, 2, 3, 4, 5, 6, 7];
  return [
    ...regs.map((reg): [Uint8Array, string] => [
      padded([...opcode, 0xc1 | (reg << 3)]),
      registers[reg] ?? "",
    ]),
    ...regs.map((reg): [Uint8Array, string] => [
      padded([...opcode, 0x44 | (reg << 3), 0x24]),
      memory[reg] ?? "",
    ]),
  ];
}

/** Indexes of memory operands: the registers that no REX prefix extends, except rsp. */
const INDEXES = [0, 1, 2, 3, 5, 6, 7];

/**
 * The letter of the map for what this validator says of the first instruction; `R` for both `R`
 * and `M`. It stands alone in one bundle, and in each other before `mov (%r15,%rXX),%al`, which is
 * accepted only where the register was restricted.
 */
function letterOf(bytes: Uint8Array): string {
  const length = new Decoder(bytes).decode(0, BUNDLE_BYTES, new Instructions(1), 0);
  const instruction = bytes.subarray(0, length || BUNDLE_BYTES);
  const code = new Uint8Array((1 + INDEXES.length) * BUNDLE_BYTES).fill(0x90);
  code.set(instruction);
  INDEXES.forEach((index, at) => {
    const start = (at + 1) * BUNDLE_BYTES;
    code.set(instruction, start);
    if (length > 0) code.set([0x41, 0x8a, 0x04, (index << 3) | 7], start + length);
  });
  const { findings } = validate(code, NO_NONTEMPORALS);
  const [first] = findings.filter(({ offset }) => offset <= BUNDLE_BYTES);
  if (first?.reason === "unrecognized instruction") return ".";
  if (first?.reason === "unsupported instruction") return "u";
  if (first !== undefined) return first.offset === 0 ? "e" : "Z";
  const refused = findings.filter(({ reason }) => reason === BAD_INDEX);
  if (INDEXES.length - refused.length > 1) return "several registers";
  return refused.length < INDEXES.length ? "Z" : "R";
}

/** Where a branch of the map goes is not told. */
function isBranch({ opcode }: OpcodeRow): boolean {
  const last = opcode.at(-1) ?? 0;
  if (opcode.length > 1 && opcode.at(-2) === 0x0f) return last >> 4 === 8;
  const isPlain = opcode.slice(0, -1).every((byte) => byte >> 4 === 4);
  return isPlain && (last >> 4 === 7 || (last >= 0xe0 && last <= 0xeb));
}

// It is no part of the repository.
describe.skipIf(!HAS_NACL_CASES)("the map of opcodes", () => {
  const rows = HAS_NACL_CASES ? opcodeRows().filter((row) => !isBranch(row)) : [];

  test("every row has the verdict of the reference", () => {
    const wrong = rows.flatMap((row) =>
      probes(row).flatMap(([bytes, letter], at) => {
        const ours = letterOf(bytes);
        return ours === letter.replace("M", "R")
          ? []
          : [`${row.text} ${at}: ${ours}, not ${letter}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});
