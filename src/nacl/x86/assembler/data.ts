import { BadText } from "./assembly-error.ts";
import { putNumber } from "./encode.ts";
import { evaluate, type Lookup, parseExpression } from "./expression.ts";

const INTEGER_BYTES: Readonly<Record<string, number>> = {
  ".byte": 1,
  ".short": 2,
  ".value": 2,
  ".word": 2,
  ".long": 4,
  ".int": 4,
  ".quad": 8,
};

const ZEROS = [".zero", ".space", ".skip"];

/** The most bytes that one directive may make. */
const ZEROS_MAX = 16 * 1024 * 1024;

/** The bytes that a directive puts, or undefined for one that puts none; throws `BadText`. */
export function dataOf(
  name: string,
  parts: readonly string[],
  lookup: Lookup,
): Uint8Array | undefined {
  const size = INTEGER_BYTES[name];
  if (size !== undefined) return integers(parts, size, lookup);
  if (name === ".double") return floats(parts, 8);
  if (name === ".float" || name === ".single") return floats(parts, 4);
  if (name === ".ascii") return strings(parts, false);
  if (name === ".asciz" || name === ".string") return strings(parts, true);
  if (ZEROS.includes(name)) {
    const fill = Number(BigInt.asUintN(8, numberOf(parts[1] ?? "0", lookup)));
    return new Uint8Array(countOf(parts[0] ?? "", lookup, ZEROS_MAX)).fill(fill);
  }
  return undefined;
}

/** Number of bytes of a directive for zeros, or undefined for another one. */
export function zerosOf(
  name: string,
  parts: readonly string[],
  lookup: Lookup,
): number | undefined {
  return ZEROS.includes(name) ? countOf(parts[0] ?? "", lookup, 2 ** 32) : undefined;
}

/** A number between 0 and a maximum. */
export function countOf(text: string, lookup: Lookup, most: number): number {
  const value = numberOf(text, lookup);
  if (value < 0n || value > BigInt(most)) throw new BadText(`${value} is not from 0 to ${most}`);
  return Number(value);
}

function numberOf(text: string, lookup: Lookup): bigint {
  return evaluate(parseExpression(text), lookup) ?? 0n;
}

function integers(parts: readonly string[], size: number, lookup: Lookup): Uint8Array {
  const bytes: number[] = [];
  const bits = BigInt(size * 8);
  for (const part of parts) {
    const value = numberOf(part, lookup);
    if (value >= 1n << bits || value < -(1n << (bits - 1n))) {
      throw new BadText(`${value} does not fit into ${size} bytes`);
    }
    putNumber(bytes, value, size);
  }
  return Uint8Array.from(bytes);
}

function floats(parts: readonly string[], size: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(parts.length * size));
  for (const [at, part] of parts.entries()) {
    const value = part === "nan" ? Number.NaN : part === "inf" ? Infinity : Number(part);
    if (part === "" || (Number.isNaN(value) && part !== "nan")) {
      throw new BadText(`"${part}" is no float`);
    }
    if (size === 8) view.setFloat64(at * 8, value, true);
    else view.setFloat32(at * 4, value, true);
  }
  return new Uint8Array(view.buffer);
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, b: 8, f: 12 };

function strings(parts: readonly string[], terminated: boolean): Uint8Array {
  const bytes: number[] = [];
  for (const part of parts) {
    const inside = /^"(.*)"$/s.exec(part.trim())?.[1];
    if (inside === undefined) throw new BadText(`${part} is no text in quotes`);
    putString(inside, bytes);
    if (terminated) bytes.push(0);
  }
  return Uint8Array.from(bytes);
}

function putString(text: string, bytes: number[]): void {
  const encoder = new TextEncoder();
  const pieces = text.matchAll(/\\([0-7]{1,3})|\\x([0-9a-fA-F]{1,2})|\\(.)|([^\\]+)/gs);
  for (const [, octal, hexadecimal, escaped, plain] of pieces) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 255);
    else if (hexadecimal !== undefined) bytes.push(Number.parseInt(hexadecimal, 16));
    else if (escaped !== undefined) bytes.push(ESCAPES[escaped] ?? escaped.charCodeAt(0));
    else bytes.push(...encoder.encode(plain));
  }
}
