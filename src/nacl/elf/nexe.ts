import type { GuestRange } from "./address-space.ts";
import type { ElfClass } from "./elf-form.ts";

/** Whose rules a program is judged by: ZeroVM's, or those of current Native Client. */
export type NexePolicy = "zerovm" | "nacl";

/** Every policy, that of ZeroVM first. */
export const NEXE_POLICIES: readonly NexePolicy[] = ["zerovm", "nacl"];

/** What the guest may do with memory: `rx` is code, which may be read as well. */
export type GuestAccess = "none" | "r" | "rx" | "rw";

/** A part of the file and the place in guest memory where it goes. */
export interface NexeSegment {
  readonly address: number;
  readonly fileOffset: number;
  /** Bytes that come from the file. */
  readonly fileBytes: number;
  /** Bytes in guest memory; those that the file does not give are zero. */
  readonly memoryBytes: number;
  readonly access: GuestAccess;
}

/**
 * A program file after its structure was judged: all numbers lie in the file and in the guest's
 * address space, and segments neither overlap nor share a page. Its code is not judged yet.
 */
export interface Nexe {
  readonly policy: NexePolicy;
  readonly elfClass: ElfClass;
  /**
   * Where it starts: a multiple of 32 below the end of the text, and not 0. As in the original it
   * may lie before the text, and even in the null page: who starts the program answers for that.
   */
  readonly entry: number;
  /** Its memory is what the file gives: the original takes no notice of `p_memsz` here. */
  readonly text: NexeSegment;
  readonly rodata?: NexeSegment;
  /** Data, and behind it the bytes that start as zero. */
  readonly data?: NexeSegment;
  /** The part of `data` that starts as zero. */
  readonly bss?: GuestRange;
  /**
   * The first image of thread-local storage, where the file tells of one that lies within the
   * other segments. The original ignores it, and so nothing may rely on it.
   */
  readonly tls?: GuestRange & { readonly fileBytes: number };
  /** End of the text with its HLTs: a multiple of a page, at least 32 bytes behind the text. */
  readonly paddedTextEnd: number;
  /**
   * Where the heap begins: exactly the end of the data, or the page behind the rest where there
   * is no data.
   */
  readonly heapStart: number;
}
