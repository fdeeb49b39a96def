import { bytesOf } from "../../src/base/index.ts";

/** One 512-byte header with any field set by hand, and the contents that follow it. */
export interface CraftedMember {
  readonly name?: string;
  /** Octal text, or bytes for base 256. */
  readonly size?: string;
  readonly mode?: string;
  readonly mtime?: string;
  readonly type?: string;
  readonly link?: string;
  readonly magic?: string;
  readonly prefix?: string;
  /** Bytes 508 to 511. */
  readonly trailer?: string;
  readonly contents?: string;
  readonly checksum?: "unsigned" | "signed" | "wrong";
}

export const USTAR = "ustar\x0000";
export const GNU = "ustar  \0";

export function craftedHeader(member: CraftedMember): Uint8Array {
  const block = new Uint8Array(512);
  const put = (at: number, text: string): void => block.set(bytesOf(text), at);
  const contents = member.contents ?? "";
  put(0, member.name ?? "x");
  put(100, member.mode ?? "0000644\0");
  put(108, "0000000\x000000000\0");
  put(124, member.size ?? `${contents.length.toString(8).padStart(11, "0")}\0`);
  put(136, member.mtime ?? "00000000000\0");
  put(156, member.type ?? "0");
  put(157, member.link ?? "");
  put(257, member.magic ?? USTAR);
  put(345, member.prefix ?? "");
  put(508, member.trailer ?? "");
  put(148, " ".repeat(8));
  const signed = member.checksum === "signed";
  let sum = member.checksum === "wrong" ? 1 : 0;
  for (const byte of block) sum += signed ? (byte << 24) >> 24 : byte;
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** The members one after the other, each padded, and two zero blocks unless `end` is false. */
export function craftedTar(members: readonly CraftedMember[], end = true): Uint8Array {
  const pieces = members.flatMap((member) => {
    const contents = bytesOf(member.contents ?? "");
    const padding = new Uint8Array((512 - (contents.length % 512)) % 512);
    return [craftedHeader(member), contents, padding];
  });
  return joined(end ? [...pieces, new Uint8Array(1024)] : pieces);
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** A pax member: records with right lengths, before the member they describe. */
export function craftedPax(
  records: Readonly<Record<string, string>>,
  type: "x" | "g" = "x",
): CraftedMember {
  const contents = Object.entries(records)
    .map(([key, value]) => paxRecord(key, value))
    .join("");
  return { name: "PaxHeaders/x", type, contents };
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
  return `${length}${rest}`;
}

export function craftedLongName(name: string, type: "L" | "K" = "L"): CraftedMember {
  return { name: "././@LongLink", type, magic: GNU, contents: `${name}\0` };
}
