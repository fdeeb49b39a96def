import { writeNexe } from "../../src/nacl/elf/index.ts";
import { assemble } from "../../src/nacl/x86/assembler/index.ts";

/** A program file from assembly text, as the files of a Native Client toolchain are. */
export function assembledNexe(text: string): Uint8Array {
  const { text: code, rodata, data, bssSize, entry } = assemble(text);
  return writeNexe({
    text: code,
    ...(rodata.length > 0 && { rodata }),
    ...((data.length > 0 || bssSize > 0) && { data, bssBytes: bssSize }),
    entry,
  });
}
