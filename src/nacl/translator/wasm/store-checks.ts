/** An instruction that writes memory. */
export interface StoreInstruction {
  readonly kind: "plain" | "vector" | "bulk";
  /** The opcode, or the number behind the prefix. */
  readonly number: number;
  /** Of a vector that is stored in part. */
  readonly lane?: number;
}

/** Functions in place of the instructions that write memory: they look first whether they may. */
export interface StoreChecks {
  /**
   * Takes what the instruction takes, then the number that is added to the address, but for bulk
   * instructions, and the guest address of the instruction, both of 32 bits.
   * @returns its index; undefined for what writes nothing
   */
  functionFor(instruction: StoreInstruction): number | undefined;
}
