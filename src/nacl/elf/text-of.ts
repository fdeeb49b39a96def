import { HALT, TEXT_START } from "./address-space.ts";
import type { Nexe } from "./nexe.ts";

/** The code of a program as it lies in guest memory and is judged: filled up with HLT to a page. */
export function textOf(file: Uint8Array, { text, paddedTextEnd }: Nexe): Uint8Array {
  const code = new Uint8Array(paddedTextEnd - TEXT_START).fill(HALT);
  code.set(file.subarray(text.fileOffset, text.fileOffset + text.fileBytes));
  return code;
}
