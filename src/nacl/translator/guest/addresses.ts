import { SANDBOX_BASE } from "../../elf/index.ts";

/** Guest addresses below this do not exist: linear memory begins here. */
export const MEMORY_BIAS = 0x10000;

/**
 * The upper half of all addresses of the sandbox, as registers have it: the lower half of its base
 * is zero. An access of memory looks at the lower half alone.
 */
export const BASE_HIGH: number = SANDBOX_BASE / 2 ** 32;
