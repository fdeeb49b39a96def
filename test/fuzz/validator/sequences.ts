import { Dice } from "../../support/dice.ts";
import { fragment } from "./fragments.ts";

const BUNDLE_BYTES = 32;
const NOP = 0x90;

interface Placed {
  readonly at: number;
  readonly bytes: number[];
}

/**
 * Random code of one to four bundles: fragments that keep within bundles, or do not, with jumps
 * in and out of them. Some of it is valid, and most of it is nearly so.
 */
export function randomCode(seed: number): Uint8Array {
  const dice = new Dice(seed * 2 + 1);
  const size = (1 + dice.below(4)) * BUNDLE_BYTES;
  const placed = place(dice, size);
  const code = new Uint8Array(size).fill(NOP);
  for (const one of placed) {
    aim(dice, one, placed, size);
    code.set(one.bytes, one.at);
  }
  if (dice.below(8) === 0) code[dice.below(size)] = dice.below(256);
  return code;
}

function place(dice: Dice, size: number): Placed[] {
  const placed: Placed[] = [];
  const keepsBundles = dice.below(4) !== 0;
  const count = 1 + dice.below(size / 8);
  let at = dice.below(4) === 0 ? dice.below(12) : 0;
  for (let made = 0; made < count; made++) {
    const parts = fragment(dice);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const room = BUNDLE_BYTES - (at % BUNDLE_BYTES);
    // Between an end of a bundle and what would cross it are nops, also where it just fits.
    if (keepsBundles && length > room) at += room;
    else if (length < room && dice.below(12) === 0) at += room - length;
    if (at + length > size) break;
    for (const part of parts) {
      placed.push({ at, bytes: [...part] });
      at += part.length;
    }
  }
  return placed;
}

/** Puts a target into a jump: mostly the start of an instruction, or near one. */
function aim(dice: Dice, { at, bytes }: Placed, placed: readonly Placed[], size: number): void {
  const distanceBytes = distanceOf(bytes);
  if (distanceBytes === 0) return;
  const starts = [0, ...placed.map((one) => one.at)] as [number, ...number[]];
  const target = dice.of<() => number>([
    () => dice.of(starts),
    () => dice.of(starts),
    () => dice.of(starts),
    () => dice.below(size / BUNDLE_BYTES + 2) * BUNDLE_BYTES,
    () => dice.below(size + 8) - 4,
  ])();
  const distance = target - (at + bytes.length);
  const fits = distanceBytes === 4 || (distance >= -128 && distance < 128);
  for (let index = 0; index < distanceBytes; index++) {
    const byte = fits ? (distance >> (8 * index)) & 255 : 0;
    bytes[bytes.length - distanceBytes + index] = byte;
  }
}

/** Bytes at the end of a jump that say how far it goes; 0 where it is none. */
function distanceOf(bytes: readonly number[]): number {
  const opcode = bytes.find((byte) => byte !== 0x2e && byte !== 0x3e) ?? 0;
  if (opcode === 0xe8 || opcode === 0xe9) return 4;
  if (opcode === 0x0f && bytes.length > 5 && bytes.slice(-4).every((byte) => byte === 0)) return 4;
  return (opcode >> 4 === 7 || (opcode & 0xfc) === 0xe0 || opcode === 0xeb) && bytes.length < 4
    ? 1
    : 0;
}
