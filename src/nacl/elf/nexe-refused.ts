import { ZvmError } from "../../base/index.ts";

/** What the original did about one kind of fault: exit code, and exit state of the report. */
interface ClassicAnswer {
  readonly code: number;
  readonly state: string;
}

/** Exit codes of the original's loader, which are error numbers of Linux. */
const EIO = 5;
const ENOEXEC = 8;
const ENOMEM = 12;
const EFAULT = 14;

const CHECK_FAILED = { code: ENOEXEC, state: "check failed" };
const UNREADABLE = { code: EIO, state: "check failed" };

/**
 * Every reason to refuse a program file, in the order in which the policy `zerovm` looks for them.
 * In a state, `#` stands for the number of the segment and `@` for the value in question. Reasons
 * that only the policy `nacl` has come with the general state of the original.
 */
export const NEXE_REASONS = {
  "file-too-short": UNREADABLE,
  "too-many-headers": CHECK_FAILED,
  "header-entry-size": { code: ENOEXEC, state: "bad prog headers size" },
  "headers-outside-file": UNREADABLE,
  "elf-magic": { code: ENOEXEC, state: "bad elf magic" },
  "elf-class": { code: ENOEXEC, state: "bad elf class" },
  "elf-byte-order": CHECK_FAILED,
  "elf-type": { code: ENOEXEC, state: "non executable" },
  "elf-machine": { code: ENOEXEC, state: "bad machine: @" },
  "elf-version": { code: ENOEXEC, state: "bad elf version: @" },
  "elf-header-size": CHECK_FAILED,
  "above-32-bits": CHECK_FAILED,
  "segment-kind": { code: ENOEXEC, state: "Segment # is of unexpected type @" },
  "segment-repeated": { code: ENOEXEC, state: "Segment # is a type that has been seen" },
  "text-address": { code: ENOEXEC, state: "Segment #: bad virtual address: @" },
  "segment-too-low": { code: ENOEXEC, state: "Segment #: virtual address @ too low" },
  "segment-wraps": { code: ENOEXEC, state: "Segment #: p_memsz caused integer overflow" },
  "segment-too-high": { code: ENOEXEC, state: "Segment # too large, ends at @" },
  "file-above-memory": {
    code: ENOEXEC,
    state: "Segment #: file size @ larger than memory size",
  },
  "text-missing": CHECK_FAILED,
  "entry-unaligned": CHECK_FAILED,
  "entry-behind-text": CHECK_FAILED,
  "data-not-last": CHECK_FAILED,
  "rodata-over-data": CHECK_FAILED,
  "text-over-next": CHECK_FAILED,
  "rodata-unaligned": CHECK_FAILED,
  "data-unaligned": CHECK_FAILED,
  "data-over-stack": { code: EFAULT, state: "Memory 'hole' is negative in size" },
  "segment-outside-file": { code: ENOEXEC, state: "seek failure segment #" },
  "segment-cut-off": { code: ENOEXEC, state: "load failure segment #" },
  "no-halt-gap": {
    code: EFAULT,
    state: "Missing gap between text and data/rodata for halt_sled",
  },
  "entry-zero": { code: EFAULT, state: "uaddr 0x00000000, addr space 32 bits" },
  "memory-size": { code: ENOMEM, state: "invalid memory size" },
  "heap-too-small": { code: ENOMEM, state: "user heap size is too small" },
} as const satisfies Record<string, ClassicAnswer>;

/** Name of a reason; never renamed, as tests and tools match on it. */
export type NexeReason = keyof typeof NEXE_REASONS;

/** One fault of a program file: which, where, and what would be right. */
export interface NexeFault {
  readonly reason: NexeReason;
  /** The field and its value: `e_machine is 0x3`. */
  readonly found: string;
  /** What would be right there. */
  readonly expected: string;
  /** Of the field, in the file; absent where the fault is of the file as a whole. */
  readonly offset?: number;
  /** Number of the program header, where the fault is of one. */
  readonly segment?: number;
  /** The value as the original's state shows it. */
  readonly value?: string;
  /** What the user can do about it. */
  readonly hint?: string;
}

/** The one error of this folder: why a file is no program that may run. */
export class NexeRefused extends ZvmError {
  readonly fault: NexeFault;
  readonly reason: NexeReason;
  /** Exit code of the original for the same file. */
  readonly classicCode: number;
  /** Exit state of the original in its report. */
  readonly classicState: string;

  constructor(fault: NexeFault) {
    const { reason, found, expected, offset, segment, value = "", hint } = fault;
    const message = segment === undefined ? found : `segment ${segment}: ${found}`;
    const place = offset === undefined ? "" : ` at offset 0x${offset.toString(16)}`;
    const rest = {
      ...(offset === undefined ? {} : { offset }),
      ...(hint === undefined ? {} : { hint }),
    };
    super("ZVM_PROGRAM_REFUSED", `Cannot read the nexe: ${message}${place}, not ${expected}`, {
      diagnostics: [{ severity: "error", message, expected, ...rest }],
    });
    const { code, state } = NEXE_REASONS[reason];
    this.fault = fault;
    this.reason = reason;
    this.classicCode = code;
    this.classicState = state.replace("#", String(segment)).replace("@", value);
  }
}

/** A number as messages show it. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
