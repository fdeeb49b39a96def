/** Of the smallest program that exits: text of two bundles and one of HLT. */
const CODE =
  "83ec384c01fc48c7042445786974 48c744241000000000 89e7 90909090909090" +
  "b800000100 90909090909090909090909090909090909090 83e0e04c01f8ffd0" +
  "f4".repeat(32);

/** The 96 bytes of a text that does nothing but exit. */
export function goldenText(exitCode = 42): Uint8Array {
  const code = Buffer.from(CODE.replaceAll(" ", ""), "hex");
  code.writeInt32LE(exitCode, 19);
  return Uint8Array.from(code);
}

/** The program file of 216 bytes whose digests of memory are known, byte by byte. */
export function goldenNexe(): Uint8Array {
  const code = Buffer.from(goldenText());
  const file = Buffer.alloc(120 + code.length);
  file.write("\x7fELF\x02\x01\x01", "latin1");
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(62, 18);
  file.writeUInt32LE(1, 20);
  file.writeUInt32LE(0x2_0000, 24);
  file.writeUInt32LE(64, 32);
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  for (const [offset, value] of [
    [72, 120],
    [80, 0x2_0000],
    [88, 0x2_0000],
    [96, code.length],
    [104, code.length],
    [112, 32],
  ] as const) {
    file.writeUInt32LE(value, offset);
  }
  code.copy(file, 120);
  return file;
}
