/** Choices that a translation depends on. */
export interface TranslateOptions {
  /**
   * What is done about instructions that cannot be translated: the program is refused, or it
   * faults where it comes to one.
   */
  readonly unsupported?: "refuse" | "fault";
  /**
   * Whether a NaN gets the bits that an x86 processor gives it, wherever the module runs; true
   * unless given. Without it floats are faster, and NaNs are those of the engine.
   */
  readonly exactNans?: boolean;
  /**
   * Whether each store is checked: what is neither data, heap nor stack cannot be written then. The
   * host says where data and heap lie, by `WRITABLE_GLOBALS`.
   */
  readonly strictMemory?: boolean;
}
