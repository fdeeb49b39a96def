import type { ByteString } from "../../base/index.ts";
import { unescapeText } from "./escape.ts";

export interface Arguments {
  readonly args: ByteString[];
  /** A quote had no end: the last argument holds all the rest. */
  readonly isUnfinished: boolean;
  /** An argument was cut at an escaped NUL. */
  readonly isCut: boolean;
}

/** One argument: quoted to the next quote or the end, or bare to the next blank. */
const ARGUMENT = /[ \t]*(?:"([^"]*)("?)|([^ \t]+))/y;

/**
 * Splits the joined values of `[args]`. Only a quote that begins an argument quotes; its closing
 * quote ends the argument even if no blank follows. Escapes are decoded afterwards.
 */
export function splitArguments(text: ByteString): Arguments {
  const args: ByteString[] = [];
  let isUnfinished = false;
  let isCut = false;
  ARGUMENT.lastIndex = 0;
  for (let match = ARGUMENT.exec(text); match !== null; match = ARGUMENT.exec(text)) {
    const [, quoted, closing, bare] = match;
    const decoded = unescapeText(quoted ?? bare ?? "");
    args.push(decoded.text);
    isUnfinished ||= closing === "";
    isCut ||= decoded.isCut;
  }
  return { args, isUnfinished, isCut };
}
