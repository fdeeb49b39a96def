/** Says what a file is that is no tar archive, so that its owner knows what to do. */

interface ForeignFormat {
  readonly magic: readonly number[];
  readonly reason: string;
}

const FOREIGN_FORMATS: readonly ForeignFormat[] = [
  {
    magic: [0x1f, 0x8b],
    reason: "it is compressed with gzip and must be unpacked first (gunzip)",
  },
  {
    magic: [0x42, 0x5a, 0x68],
    reason: "it is compressed with bzip2 and must be unpacked first (bunzip2)",
  },
  {
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    reason: "it is compressed with xz and must be unpacked first (unxz)",
  },
  {
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    reason: "it is compressed with zstd and must be unpacked first (unzstd)",
  },
  {
    magic: [0x50, 0x4b, 0x03, 0x04],
    reason: "it is a zip file; unpack it and pack it again with tar",
  },
];

/** The reason why the file that begins with `bytes` cannot be read as tar. */
export function foreignFormatReason(bytes: Uint8Array): string {
  const found = FOREIGN_FORMATS.find(({ magic }) =>
    magic.every((byte, index) => bytes[index] === byte),
  );
  return found?.reason ?? "it is no tar archive";
}
