/** Guest addresses below this do not exist: linear memory begins here. */
export const MEMORY_BIAS = 0x10000;
