export type ProgramKind =
  | "module"
  | "component"
  | "pexe"
  | "bitcode"
  | "elf"
  | "frozen"
  | "text"
  | "script"
  | "tar"
  | "gzip"
  | "zip"
  | "empty"
  | "unknown";

/** What a file is, told by its first bytes. */
export interface Recognition {
  readonly kind: ProgramKind;
  /** For people: `an ELF file for x86-64, 64 bits`. */
  readonly description: string;
  /** Of an ELF file. */
  readonly elf?: { readonly machine: number; readonly bits: 32 | 64 };
}

/** How many bytes of the beginning `recognise` looks at. */
export const RECOGNISE_BYTES = 1024;

const DESCRIPTIONS: Readonly<Record<Exclude<ProgramKind, "elf">, string>> = {
  module: "a WebAssembly module",
  component: "a WebAssembly component (preview2)",
  pexe: "a PNaCl executable (.pexe)",
  bitcode: "LLVM bitcode",
  frozen: "a frozen Native Client program",
  text: "WebAssembly in text form",
  script: "a script",
  tar: "a tar archive",
  gzip: "a gzip file",
  zip: "a zip archive",
  empty: "an empty file",
  unknown: "no program of a known kind",
};

/** Magic numbers at the start of a file. The wrapper of bitcode is 0x0B17C0DE, little-endian. */
const MAGICS: readonly (readonly [ProgramKind, readonly number[]])[] = [
  ["pexe", [0x50, 0x45, 0x58, 0x45]],
  ["bitcode", [0x42, 0x43, 0xc0, 0xde]],
  ["bitcode", [0xde, 0xc0, 0x17, 0x0b]],
  ["elf", [0x7f, 0x45, 0x4c, 0x46]],
  // `zerovm.frozen`
  ["frozen", [0x7a, 0x65, 0x72, 0x6f, 0x76, 0x6d, 0x2e, 0x66, 0x72, 0x6f, 0x7a, 0x65, 0x6e]],
  ["script", [0x23, 0x21]],
  ["gzip", [0x1f, 0x8b]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
];

const MACHINES: Readonly<Record<number, string>> = {
  3: "x86",
  8: "MIPS",
  40: "ARM",
  62: "x86-64",
  183: "AArch64",
  243: "RISC-V",
};

const USTAR_OFFSET = 257;

/**
 * Tells what a file is by its first kilobyte. Never throws: what begins like a module is one
 * here, `readModule` judges it.
 */
export function recognise(bytes: Uint8Array): Recognition {
  const kind = kindOf(bytes);
  if (kind === "elf") return recogniseElf(bytes);
  return { kind, description: DESCRIPTIONS[kind] };
}

function kindOf(bytes: Uint8Array): ProgramKind {
  if (bytes.length === 0) return "empty";
  if (startsWith(bytes, 0, [0x00, 0x61, 0x73, 0x6d])) {
    // The upper half of the version field is the layer: 1 stands for components.
    return bytes[6] === 1 && bytes[7] === 0 ? "component" : "module";
  }
  const magic = MAGICS.find(([, pattern]) => startsWith(bytes, 0, pattern));
  if (magic !== undefined) return magic[0];
  if (startsWith(bytes, USTAR_OFFSET, [0x75, 0x73, 0x74, 0x61, 0x72])) return "tar";
  return isModuleText(bytes) ? "text" : "unknown";
}

function startsWith(bytes: Uint8Array, offset: number, pattern: readonly number[]): boolean {
  return pattern.every((value, index) => bytes[offset + index] === value);
}

/** Whether the text begins with `(module` or `(component`, after blanks and comments. */
function isModuleText(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes.subarray(0, RECOGNISE_BYTES));
  const code = text.replace(/^(?:\s+|;;[^\n]*\n|\(;[^;]*;\))*/u, "");
  return /^\(\s*(?:module|component)\b/u.test(code);
}

function recogniseElf(bytes: Uint8Array): Recognition {
  const bits = bytes[4] === 1 ? 32 : 64;
  const [low, high] = bytes[5] === 2 ? [bytes[19], bytes[18]] : [bytes[18], bytes[19]];
  const machine = (low ?? 0) + 256 * (high ?? 0);
  const name = MACHINES[machine] ?? `machine ${machine}`;
  return {
    kind: "elf",
    description: `an ELF file for ${name}, ${bits} bits`,
    elf: { machine, bits },
  };
}
