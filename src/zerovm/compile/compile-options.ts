/** What a program is made for: Native Client, or WebAssembly with its system interface. */
export type CompileTarget = "nexe" | "wasi";

/** What is made: a program of all files, or of each an object, its assembly, or its plain C. */
export type CompileProduct = "program" | "object" | "assembly" | "preprocessed";

export interface CompileOptions {
  /** C files and objects, in their order; for a nexe also assembly as gcc writes it, in `.s`. */
  readonly files: readonly string[];
  /**
   * The file that is made. Where it is absent, a program has a name of its own, an object or
   * assembly that of its source, and preprocessed C goes to standard output.
   */
  readonly output?: string;
  readonly target: CompileTarget;
  readonly product: CompileProduct;
  /** Further options for the compiler, as `-O2`. */
  readonly options: readonly string[];
  /** A nexe without a C library. */
  readonly isBare: boolean;
  /** Where our own C is, which becomes part of programs; beside this code unless given. */
  readonly guest?: string;
  /** Told before the C library of nexe programs is made, which is done once. */
  readonly onMake: (message: string) => void;
}
