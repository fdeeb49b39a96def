/** Numbers of the general registers that the rules name. */
export const RSP = 4;
export const RBP = 5;
export const RSI = 6;
export const RDI = 7;
/** Holds the start of the sandbox: read freely, never written. */
export const R15 = 15;
