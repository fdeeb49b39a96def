import { readFileSync } from "node:fs";
import { ZvmError } from "../base/index.ts";

/** What stands in an argument for bytes that are no UTF-8; it can also have been typed. */
export const REPLACEMENT = "\ufffd";

const SHOWN_BYTES = 60;

/**
 * Judges arguments in which `REPLACEMENT` stands by the bytes that the system has of them: a
 * program would be given other bytes than were typed, and a file of another name.
 * @param argv the last arguments of this process
 * @throws ZvmError ZVM_USAGE naming the first that is not UTF-8
 */
export function judgeRawArguments(argv: readonly string[]): void {
  const raw = rawArguments(argv.length);
  raw.forEach((bytes, index) => {
    if (bytes.equals(Buffer.from(argv[index] ?? "", "utf8"))) return;
    const message =
      `Argument ${index + 1}, ${shown(bytes)}, is not UTF-8 and cannot be passed on as it is: ` +
      "give the program such bytes in a file or on its standard input, and files another name";
    throw new ZvmError("ZVM_USAGE", message);
  });
}

/** None where the system does not tell. */
function rawArguments(count: number): Buffer[] {
  let text: Buffer;
  try {
    text = readFileSync("/proc/self/cmdline");
  } catch {
    return [];
  }
  const all: Buffer[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(0, start);
    const stop = end < 0 ? text.length : end;
    all.push(text.subarray(start, stop));
    start = stop + 1;
  }
  return count > 0 && all.length > count ? all.slice(-count) : [];
}

function shown(bytes: Buffer): string {
  const cut = bytes.subarray(0, SHOWN_BYTES);
  const text = [...cut].map((byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x27;
    return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `$'${text.join("")}'${bytes.length > SHOWN_BYTES ? "…" : ""}`;
}
