import type { Dice } from "../../../test/support/dice.ts";

/** What the lanes of a vector, or a register, are filled with. */
export type Filling = "integers" | "singles" | "doubles" | "text";

const EDGES = [
  0n,
  1n,
  2n,
  -1n,
  -2n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  -0x8000_0000_0000_0000n,
  0x0123_4567_89ab_cdefn,
  0x8080_8080_8080_8080n,
  0x7f7f_7f7f_7f7f_7f7fn,
  0x8000_7fff_8000_7fffn,
] as const;

/** Zeros, ones, extremes, denormals, infinities, NaNs of both kinds, and edges of integers. */
const SINGLES = [
  ...[0, 0x8000_0000, 0x3f80_0000, 0xbf80_0000, 0x3f00_0000, 0xbf00_0000, 0x3fc0_0000],
  ...[0x4020_0000, 0xc020_0000, 1, 0x8000_0001, 0x007f_ffff, 0x0080_0000, 0x7f7f_ffff],
  ...[0xff7f_ffff, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffc0_0123, 0x7f80_0001, 0xffa0_0007],
  ...[0x4f00_0000, 0xcf00_0000, 0x4eff_ffff, 0xcf00_0001, 0x5f00_0000, 0xdf00_0000, 0x5eff_ffff],
  ...[0x4b00_0001, 0x4b7f_ffff, 0x3eff_ffff, 0x3f00_0001, 0x3f7f_ffff, 0x1f80_0000, 0x6000_0000],
] as const;

const DOUBLES = [
  0n,
  0x8000_0000_0000_0000n,
  0x3ff0_0000_0000_0000n,
  0xbff0_0000_0000_0000n,
  0x3fe0_0000_0000_0000n,
  0xbfe0_0000_0000_0000n,
  0x3ff8_0000_0000_0000n,
  0x4004_0000_0000_0000n,
  0xc004_0000_0000_0000n,
  1n,
  0x8000_0000_0000_0001n,
  0x000f_ffff_ffff_ffffn,
  0x0010_0000_0000_0000n,
  0x7fef_ffff_ffff_ffffn,
  0xffef_ffff_ffff_ffffn,
  0x7ff0_0000_0000_0000n,
  0xfff0_0000_0000_0000n,
  0x7ff8_0000_0000_0000n,
  0xfff8_0000_0000_0123n,
  0x7ff0_0000_0000_0001n,
  0xfff4_0000_0000_0007n,
  0x41df_ffff_ffc0_0000n,
  0x41e0_0000_0000_0000n,
  0xc1e0_0000_0000_0000n,
  0xc1e0_0000_0020_0000n,
  0x43e0_0000_0000_0000n,
  0xc3e0_0000_0000_0000n,
  0x43df_ffff_ffff_ffffn,
  0x4330_0000_0000_0001n,
  0x47ef_ffff_e000_0000n,
  0x47ef_ffff_f000_0000n,
  0x3810_0000_0000_0000n,
  0x380f_ffff_ffff_ffffn,
  0x36a0_0000_0000_0000n,
  0x3690_0000_0000_0001n,
  0x41df_ffff_ffe0_0000n,
] as const;

/** A 64-bit number: an edge, an edge moved a little, few bits, or any. */
export function integer(dice: Dice): bigint {
  switch (dice.below(4)) {
    case 0:
      return dice.of(EDGES);
    case 1:
      return dice.of(EDGES) + BigInt(dice.below(5) - 2);
    case 2:
      return any(dice) >> BigInt(dice.below(64));
    default:
      return any(dice);
  }
}

function any(dice: Dice): bigint {
  return (BigInt(dice.below(2 ** 32)) << 32n) | BigInt(dice.below(2 ** 32));
}

function single(dice: Dice): number {
  switch (dice.below(4)) {
    case 0:
    case 1:
      return dice.of(SINGLES);
    case 2:
      // Numbers of a size that sums and products are mostly finite with.
      return (((0x3f80 + dice.below(0x800) - 0x400) << 16) | dice.below(0x1_0000)) >>> 0;
    default:
      return dice.below(2 ** 32);
  }
}

function double(dice: Dice): bigint {
  switch (dice.below(4)) {
    case 0:
    case 1:
      return dice.of(DOUBLES);
    case 2:
      return (BigInt(0x3ff0 + dice.below(0x400) - 0x200) << 48n) | (any(dice) >> 16n);
    default:
      return any(dice);
  }
}

/** Bytes of few letters, some of them zero: strings that are found in each other. */
function letters(dice: Dice): bigint {
  let value = 0n;
  const wide = dice.below(2) === 0;
  for (let at = 0; at < 8; at++) {
    const letter = dice.below(12) === 0 ? dice.below(256) : dice.of([0, 1, 2, 3, 0x61, 0x62, 0xff]);
    value = (value << 8n) | BigInt(wide && at % 2 === 0 ? 0 : letter);
  }
  return value;
}

/** Eight bytes of lanes. */
export function eightBytes(dice: Dice, filling: Filling): bigint {
  switch (filling) {
    case "singles":
      return (BigInt(single(dice)) << 32n) | BigInt(single(dice));
    case "doubles":
      return double(dice);
    case "text":
      return letters(dice);
    default:
      return dice.below(2) === 0 ? integer(dice) : laneEdges(dice);
  }
}

/** Small lanes that each are an edge. */
function laneEdges(dice: Dice): bigint {
  const bits = dice.of([8, 16, 32]);
  let value = 0n;
  for (let at = 0; at < 64; at += bits) {
    value = (value << BigInt(bits)) | BigInt.asUintN(bits, integer(dice));
  }
  return value;
}
