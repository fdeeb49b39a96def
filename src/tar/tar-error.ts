import { type ByteString, printable, textOf, ZvmError } from "../base/index.ts";

/** Names from an archive are cut to this many characters in messages. */
const SHOWN_CHARACTERS_MAX = 200;

export interface Place {
  readonly offset: number;
  readonly member?: ByteString;
}

/** Ends the reading with one error; the reason says what is wrong, and what to do about it. */
export type Fail = (reason: string) => never;

/** A name out of an archive, escaped and cut, so that it cannot forge a message. */
export function shownName(name: ByteString): string {
  const text = printable(textOf(name.slice(0, SHOWN_CHARACTERS_MAX)));
  return name.length > SHOWN_CHARACTERS_MAX ? `${text}…` : text;
}

/** The one form of every rejection of an archive. */
export function tarError(archive: string, reason: string, place: Place): ZvmError {
  const member = place.member === undefined ? "" : `member '${shownName(place.member)}', `;
  const where = `${member}offset 0x${place.offset.toString(16)}`;
  return new ZvmError(
    "ZVM_TAR",
    `Cannot read the tar archive ${printable(archive)}: ${reason} (${where})`,
  );
}
