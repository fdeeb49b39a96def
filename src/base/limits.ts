/**
 * Every limit of a session: name, unit, default, and its answer. `ends` ends the session with
 * outcome `limited`; `errno` answers the guest and is listed as hit in the report.
 */
export interface LimitKind {
  readonly unit: string;
  readonly standard: number;
  /** Default of Native Client programs, where that is another one. */
  readonly ofNexe?: number;
  /** What a session in the process of its host can have at most, where that is less. */
  readonly inside?: number;
  readonly maximum: number;
  readonly answer: "ends" | "errno";
  readonly meaning: string;
}

export const LIMIT_TABLE = {
  time: {
    unit: "seconds",
    standard: 50,
    maximum: 2 ** 31 - 1,
    answer: "ends",
    meaning: "Wall time from the start of the guest",
  },
  memory: {
    unit: "bytes",
    standard: 2 ** 32,
    maximum: 2 ** 32,
    answer: "errno",
    meaning: "Linear memory; growing beyond it fails",
  },
  table: {
    unit: "elements",
    standard: 500_000,
    maximum: 10_000_000,
    answer: "errno",
    meaning: "Elements of each table; growing beyond it fails",
  },
  stack: {
    unit: "bytes",
    standard: 512 * 1024,
    ofNexe: 32 * 2 ** 20,
    maximum: 64 * 2 ** 20,
    inside: 900 * 1024,
    answer: "ends",
    meaning: "Stack of the guest's calls, counted by a table that is the same everywhere",
  },
  "open-files": {
    unit: "descriptors",
    standard: 1000,
    maximum: 65_536,
    answer: "errno",
    meaning: "Open descriptors, 0 to 2 and the preopened directories included; ENFILE",
  },
  "fs-bytes": {
    unit: "bytes",
    standard: 2 ** 32,
    maximum: 2 ** 40,
    answer: "errno",
    meaning:
      "Bytes that the guest's files hold in memory, with targets of links and, of each name that " +
      "the guest gives, what it has beyond 32 bytes; names from images are free; ENOSPC",
  },
  "fs-nodes": {
    unit: "files",
    standard: 1_000_000,
    maximum: 10_000_000,
    answer: "errno",
    meaning: "Files, directories and links of the guest's file system; ENOSPC",
  },
  "image-bytes": {
    unit: "bytes",
    standard: 2 ** 34,
    maximum: 2 ** 44,
    answer: "ends",
    meaning: "Bytes of one image after unpacking it from gzip",
  },
  record: {
    unit: "bytes",
    standard: 2 ** 30,
    maximum: 2 ** 40,
    answer: "ends",
    meaning: "Bytes that a session may take in where it is recorded or verified",
  },
  report: {
    unit: "bytes",
    standard: 16 * 2 ** 20,
    maximum: 2 ** 30,
    answer: "ends",
    meaning: "Bytes of the report that a cell may send",
  },
} as const satisfies Record<string, LimitKind>;

export type LimitName = keyof typeof LIMIT_TABLE;

export type Limits = Readonly<Record<LimitName, number>>;

export const STANDARD_LIMITS: Limits = Object.freeze(
  Object.fromEntries(Object.entries(LIMIT_TABLE).map(([name, kind]) => [name, kind.standard])),
) as Limits;
