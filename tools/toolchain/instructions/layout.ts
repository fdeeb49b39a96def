/**
 * What a snippet finds and leaves, and where. A record holds the state of the processor before or
 * behind an instruction: the general registers but for r15, flags, vectors, and a window of memory;
 * then the upper halves of vectors.
 */
export const RECORD = {
  /** Bytes of a record, as a power of two. */
  shift: 10,
  bytes: 1024,
  /** As `sahf` takes them, then O, and whether strings go down. Afterwards, the observation. */
  flags: 120,
  overflow: 121,
  direction: 122,
  /** Which fault ended the instruction, afterwards; 0 where none did. */
  fault: 124,
  xmm: 128,
  mm: 384,
  window: 448,
  windowBytes: 64,
  /** Upper halves of the vectors, for instructions with VEX. */
  upper: 512,
  /** Behind all that is filled and compared. */
  end: 768,
} as const;

/** Addresses that the snippets know, the same natively and translated; all below 2^31. */
export const PLACE = {
  /** Number of the record that is next: kept in memory, so that a fault can be stepped over. */
  position: 0x4000_0000,
  /** How many records there are. */
  total: 0x4000_0004,
  /** Address of the table of variants. */
  table: 0x4000_0008,
  /** The word 1, and the state of MXCSR after a reset. */
  one: 0x4000_000c,
  mxcsr: 0x4000_0010,
  rax: 0x4000_0018,
  rbx: 0x4000_0020,
  observed: 0x4000_0028,
  window: 0x4000_0040,
  before: 0x4100_0000,
  after: 0x4800_0000,
} as const;

/** Records of one variant, as a power of two: the variant of a record follows from its number. */
export const SETS_SHIFT = 4;
export const SETS = 1 << SETS_SHIFT;

/** Faults as both sides report them. */
export const FAULT_NAMES: readonly string[] = [
  "none",
  "halt or memory",
  "undefined instruction",
  "division",
  "no translation",
];
