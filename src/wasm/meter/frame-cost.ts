/** What a call costs whatever the function has: return address, saved registers, instance. */
const FRAME_BYTES = 128;
const SLOT_BYTES = 8;
const VECTOR_SLOT_BYTES = 16;

/**
 * A function that calls nothing and has no larger frame is not counted: the engine's stack has
 * room for one such frame beyond the limit.
 */
export const LEAF_FRAME_BYTES_MAX = 4096;

/** What a call of a function is counted by. */
export interface FrameShape {
  /** Parameters and locals. */
  readonly locals: number;
  /** Operands on the stack where it is highest. */
  readonly operandsMax: number;
  readonly results: number;
  readonly hasVectors: boolean;
}

/**
 * What a call of a function costs of the stack, by our own count, which is the same on every
 * engine: a fixed part, and a slot for each parameter, local, result and operand.
 */
export function frameBytes({ locals, operandsMax, results, hasVectors }: FrameShape): number {
  const slotBytes = hasVectors ? VECTOR_SLOT_BYTES : SLOT_BYTES;
  return FRAME_BYTES + slotBytes * (locals + operandsMax + results);
}
