/**
 * The given cases of the Native Client validator, read from the folder that the environment
 * variable ZEROVM_CONFORMANCE names.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const BUNDLE_BYTES = 32;
const NOP = 0x90;

const FOLDER = join(process.env["ZEROVM_CONFORMANCE"] ?? "", "nacl");

/** Whether the folder is there; tests that need it are skipped without it. */
export const HAS_NACL_CASES =
  process.env["ZEROVM_CONFORMANCE"] !== undefined && existsSync(join(FOLDER, "opcode-map.txt"));

export interface NaclCase {
  readonly name: string;
  /** One instruction or superinstruction each. */
  readonly chunks: readonly (readonly number[])[];
  /** Lines `OFFSET: reason` as expected, warnings left out. */
  readonly findings: readonly string[];
  readonly isValid: boolean;
}

/** All cases of all files. */
export function naclCases(): NaclCase[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".test"));
  return files.sort().flatMap((file) =>
    readFileSync(join(FOLDER, file), "latin1")
      .split(/^-{3,}.*$/m)
      .map((text, at) => readCase(`${file} ${at}`, text)),
  );
}

function readCase(name: string, text: string): NaclCase {
  const output = section(text, "rdfa_output");
  return {
    name,
    chunks: readChunks(section(text, "hex")),
    findings: output.slice(0, -1).filter((line) => !line.includes(": warning - ")),
    isValid: output.at(-1) === "return code: 0",
  };
}

function section(text: string, name: string): string[] {
  const lines = text.split("\n");
  const from = lines.indexOf(`@${name}:`) + 1;
  const rest = lines.slice(from);
  const end = rest.findIndex((line) => line.startsWith("@"));
  return (end < 0 ? rest : rest.slice(0, end))
    .map((line) => line.slice(2))
    .filter((line) => line.trim() !== "");
}

function readChunks(lines: readonly string[]): number[][] {
  const chunks: number[][] = [];
  let isOpen = false;
  for (const line of lines) {
    const words = (line.split("#")[0] ?? "").trim().split(/\s+/);
    const bytes = words.filter((word) => /^[0-9a-f]{2}$/i.test(word));
    if (bytes.length === 0) continue;
    const values = bytes.map((word) => Number.parseInt(word, 16));
    if (isOpen) chunks.at(-1)?.push(...values);
    else chunks.push(values);
    isOpen = words.at(-1) === "\\\\";
  }
  return chunks;
}

/** The bytes with nops up to the end of their last bundle. */
export function padded(bytes: readonly number[]): Uint8Array {
  const size = Math.ceil(bytes.length / BUNDLE_BYTES) * BUNDLE_BYTES;
  return Uint8Array.from({ length: size }, (_, at) => bytes[at] ?? NOP);
}

/** A row of the map of opcodes: what the reference says about one opcode with its prefixes. */
export interface OpcodeRow {
  readonly text: string;
  /** Bytes before the modrm byte. */
  readonly opcode: readonly number[];
  /** A letter for each modrm.reg: with the register 1, and with memory at rsp. */
  readonly registers: string;
  readonly memory: string;
}

const MAPS: Readonly<Record<string, readonly number[]>> = {
  "1B": [],
  "0F": [0x0f],
  "0F38": [0x0f, 0x38],
  "0F3A": [0x0f, 0x3a],
};

/** All rows of `opcode-map.txt`. */
export function opcodeRows(): OpcodeRow[] {
  const lines = readFileSync(join(FOLDER, "opcode-map.txt"), "latin1").split("\n");
  return lines.filter((text) => /^(1B|0F|VEX)/.test(text)).map(readOpcodeRow);
}

function readOpcodeRow(text: string): OpcodeRow {
  const before = text.slice(0, text.indexOf(" reg=")).split(" ");
  return {
    text: before.join(" "),
    opcode: text.startsWith("VEX") ? vexBytes(before) : plainBytes(before),
    registers: /reg=(\S+)/.exec(text)?.[1] ?? "",
    memory: /mem=(\S+)/.exec(text)?.[1] ?? "",
  };
}

function plainBytes([map = "", prefix = "", rex = "", opcode = ""]: readonly string[]): number[] {
  const legacy = prefix === "-" ? [] : prefix.split("+").map(fromHex);
  const extension = rex === "-" ? [] : [rex === "REX" ? 0x40 : 0x48];
  return [...legacy, ...extension, ...(MAPS[map] ?? []), fromHex(opcode)];
}

/** `VEX1 pp0 L0 W0 v1111 10`, written with the long prefix. */
function vexBytes([map = "", pp = "", l = "", w = "", vvvv = "", opcode = ""]: readonly string[]) {
  const last = Number(w.slice(1)) << 7;
  const third = (Number.parseInt(vvvv.slice(1), 2) << 3) | (Number(l.slice(1)) << 2);
  return [0xc4, 0xe0 | Number(map.slice(3)), last | third | Number(pp.slice(2)), fromHex(opcode)];
}

function fromHex(text: string): number {
  return Number.parseInt(text, 16);
}
