import { HIGH_BYTE } from "./instructions.ts";

const OLD = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];
const NUMBERED = [8, 9, 10, 11, 12, 13, 14, 15];

/** Names of the general registers by size in bytes, in the order of their numbers. */
export const GENERAL_NAMES: Readonly<Record<number, readonly string[]>> = {
  1: [
    ...["al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"],
    ...NUMBERED.map((number) => `r${number}b`),
  ],
  2: [...OLD, ...NUMBERED.map((number) => `r${number}w`)],
  4: [...OLD.map((name) => `e${name}`), ...NUMBERED.map((number) => `r${number}d`)],
  8: [...OLD.map((name) => `r${name}`), ...NUMBERED.map((number) => `r${number}`)],
};

/** Names of the second bytes of the first four registers: from `HIGH_BYTE` on. */
export const HIGH_BYTE_NAMES: readonly string[] = ["ah", "ch", "dh", "bh"];

/** AT&T name, with its `%`, of a general register with a size in bytes. */
export function generalName(number: number, size: number): string {
  const name =
    number >= HIGH_BYTE ? HIGH_BYTE_NAMES[number - HIGH_BYTE] : GENERAL_NAMES[size]?.[number];
  return `%${name ?? "?"}`;
}
