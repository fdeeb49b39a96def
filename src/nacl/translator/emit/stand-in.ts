import type { Form, OperandKind } from "../../x86/index.ts";
import type { Place } from "./place.ts";

/**
 * Another instruction that the current one is emitted as: one with VEX is that of SSE by its side,
 * once for each half of its registers.
 */
export interface StandIn {
  readonly form: Form;
  readonly imm: number;
  /** Where operands of these kinds are, if not where the instruction names them. */
  readonly places: Readonly<Partial<Record<OperandKind, Place>>>;
  /** Bytes from the memory operand to what is accessed. */
  readonly distance: number;
}

/** Registers of vectors that no instruction names, for operands of stand-ins. */
export const STAND_IN = { destination: 16, source: 17, mask: 18 } as const;
