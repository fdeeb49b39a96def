/** What an edit of a metered body writes. 0 is an edit that turned out not to be needed. */
export const EDIT = {
  /** Takes its value from the fuel. */
  CHARGE: 1,
  /** Takes its value from the fuel and ends the session when none is left. */
  CHARGE_CHECKED: 2,
  /** Reads the fuel again, after somebody else may have taken from it. */
  RELOAD: 3,
  /** What comes before the code of a function. */
  ENTRY: 4,
  /** What comes before the last `end`, or before a call that takes the place of this function. */
  EXIT: 5,
  LAST_EXIT: 6,
  /** A `return`; its value is the label that leads out of the function. */
  RETURN: 7,
  /** Takes back the depth of the stack to that of this function, after an exception. */
  CAUGHT: 8,
  /** A call of the function that is its value. */
  CALL: 9,
  /** Gives a float on the stack the canonical NaN if it is one. */
  SETTLE_F32: 10,
  SETTLE_F64: 11,
  SETTLE_F32X4: 12,
  SETTLE_F64X2: 13,
  /** As `CHARGE`, in a loop that has no other in it and calls nothing. */
  CHARGE_TIGHT: 14,
  CHARGE_CHECKED_TIGHT: 15,
  /** Writes the fuel that was counted in a local, before somebody else reads it. */
  SPILL: 16,
} as const;
