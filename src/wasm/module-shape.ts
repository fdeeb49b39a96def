/** The structure of a module: plain data, everything but the code itself. */
export interface ModuleShape {
  readonly sizeBytes: number;
  /** One entry a type index: a signature for function types, `struct` or `array` otherwise. */
  readonly types: readonly string[];
  readonly imports: readonly ImportShape[];
  readonly exports: readonly ExportShape[];
  /** Imported ones first, as the index space has them. */
  readonly memories: readonly MemoryShape[];
  readonly tables: readonly TableShape[];
  /** Index of the function that runs at instantiation. */
  readonly startFunction?: number;
  /** Functions with a body; imported ones are in `imports`. */
  readonly functionCount: number;
  readonly globalCount: number;
  readonly tagCount: number;
  readonly elementCount: number;
  readonly dataCount: number;
  /** Size of the contents of the code section. */
  readonly codeBytes: number;
  readonly dataBytes: number;
  readonly customSections: readonly CustomSectionShape[];
  readonly sections: readonly SectionShape[];
}

/**
 * A signature is text: parameters, `->`, results, separated by blanks: `i32 i64 -> i32`. It is
 * what people read in a message and what the table of host calls compares with.
 */
export type Signature = string;

export type ExternKind = "function" | "table" | "memory" | "global" | "tag";

export interface ImportShape {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
  /** Signature of a function or tag; type of a global, `mut i32` when it can change. */
  readonly type?: Signature;
  /** Where the import stands in the file. */
  readonly offset: number;
}

export interface ExportShape {
  readonly name: string;
  readonly kind: ExternKind;
  /** In the index space of its kind. */
  readonly index: number;
  /** Signature of a function. */
  readonly type?: Signature;
  readonly offset: number;
}

/** Size limits of a memory (pages of 64 KiB) or a table (elements). */
export interface LimitsShape {
  readonly imported: boolean;
  /** Rounded where 64-bit limits go beyond 2^53. */
  readonly minimum: number;
  readonly maximum?: number;
  readonly shared: boolean;
  /** Addressed with 64-bit numbers. */
  readonly address64: boolean;
  /** Where flags, minimum and maximum stand in the file. */
  readonly limitsStart: number;
  readonly limitsEnd: number;
}

export interface MemoryShape extends LimitsShape {
  /** Binary logarithm of the page size, where the module sets one. */
  readonly pageSizeLog2?: number;
}

export interface TableShape extends LimitsShape {
  readonly elementType: string;
}

export interface CustomSectionShape {
  readonly name: string;
  /** Of the contents, after the name. */
  readonly sizeBytes: number;
  /** Offset of the contents, after the name. */
  readonly offset: number;
}

export interface SectionShape {
  readonly id: number;
  /** Where the section's id byte stands. */
  readonly headerStart: number;
  readonly start: number;
  readonly end: number;
}

/** Functions in the index space, imported ones included. */
export function countFunctions({ imports, functionCount }: ModuleShape): number {
  return functionCount + imports.filter(({ kind }) => kind === "function").length;
}
