/** How wide the words of an ELF file are. */
export type ElfClass = 32 | 64;

/** Where the fields of an ELF file lie; the parts that are the same in both classes are below. */
export interface ElfForm {
  readonly elfClass: ElfClass;
  /** Bytes of the file header. */
  readonly headerBytes: number;
  /** Bytes of a program header. */
  readonly entryBytes: number;
  /** Fields of the file header, as offsets from the start of the file. */
  readonly file: {
    readonly entry: number;
    readonly headersOffset: number;
    readonly sectionsOffset: number;
    readonly headerSize: number;
    readonly entrySize: number;
    readonly headerCount: number;
  };
  /** Fields of a program header, as offsets from its start. */
  readonly segment: {
    readonly type: number;
    readonly flags: number;
    readonly offset: number;
    readonly address: number;
    readonly physicalAddress: number;
    readonly fileSize: number;
    readonly memorySize: number;
    readonly alignment: number;
  };
}

/** Offsets of fields that lie at the same place in both classes. */
export const ELF_FIELD = {
  elfClass: 4,
  byteOrder: 5,
  identVersion: 6,
  type: 16,
  machine: 18,
  version: 20,
} as const;

/** The first four bytes of every ELF file, read from left to right. */
export const ELF_MAGIC = 0x7f45_4c46;
/** `e_ident[EI_CLASS]` of each class. */
export const ELF_CLASS_BYTE = { 32: 1, 64: 2 } as const;
/** `e_ident[EI_DATA]` of a file whose numbers begin with the lowest byte. */
export const ELF_LITTLE_ENDIAN = 1;
/** `ET_EXEC`: linked to fixed addresses. */
export const ELF_EXECUTABLE = 2;
/** `e_machine` of the only machine whose programs run here. */
export const ELF_MACHINE_X86_64 = 62;
/** `e_version` and `e_ident[EI_VERSION]`: there never was another one. */
export const ELF_VERSION = 1;

/** ELF of 32 bits, which current Native Client has on x86-64 too. */
export const ELF32: ElfForm = {
  elfClass: 32,
  headerBytes: 52,
  entryBytes: 32,
  file: {
    entry: 24,
    headersOffset: 28,
    sectionsOffset: 32,
    headerSize: 40,
    entrySize: 42,
    headerCount: 44,
  },
  segment: {
    type: 0,
    offset: 4,
    address: 8,
    physicalAddress: 12,
    fileSize: 16,
    memorySize: 20,
    flags: 24,
    alignment: 28,
  },
};

/** ELF of 64 bits, the only one that ZeroVM takes. */
export const ELF64: ElfForm = {
  elfClass: 64,
  headerBytes: 64,
  entryBytes: 56,
  file: {
    entry: 24,
    headersOffset: 32,
    sectionsOffset: 40,
    headerSize: 52,
    entrySize: 54,
    headerCount: 56,
  },
  segment: {
    type: 0,
    flags: 4,
    offset: 8,
    address: 16,
    physicalAddress: 24,
    fileSize: 32,
    memorySize: 40,
    alignment: 48,
  },
};

/** A word of the file's class, little-endian whatever the file says of itself. */
export function readWord(view: DataView, offset: number, form: ElfForm): bigint {
  if (form.elfClass === 64) return view.getBigUint64(offset, true);
  return BigInt(view.getUint32(offset, true));
}

/** Writes a word of the file's class. */
export function writeWord(view: DataView, offset: number, value: number, form: ElfForm): void {
  if (form.elfClass === 64) view.setBigUint64(offset, BigInt(value), true);
  else view.setUint32(offset, value, true);
}
