/** Numbers in the trace, the first of the original's words for each call, in this order. */
export const TRAP_CALLS = {
  read: { number: 300, code: 0x64616552n, words: 4 },
  write: { number: 301, code: 0x74697257n, words: 4 },
  jail: { number: 302, code: 0x6c69614an, words: 2 },
  unjail: { number: 303, code: 0x6c6a6e55n, words: 2 },
  exit: { number: 304, code: 0x74697845n, words: 1 },
  fork: { number: 305, code: 0x6b726f46n, words: 0 },
} as const;

/** A call that there is not; its function number is its argument. */
export const UNKNOWN_TRAP = { number: 306, words: 1 } as const;

/**
 * Function number of the extension trap, `ZRT `. Its words are the number of a system call and six
 * words for it; the trace has that call and not the trap.
 */
export const EXTENSION_TRAP = 0x2054525an;
