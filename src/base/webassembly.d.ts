/**
 * The part of the WebAssembly JavaScript interface that we use: it is the language's own, but
 * TypeScript ships its types with those of the browser only.
 */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Readonly<Record<string, unknown>>;
  }

  class Memory {
    constructor(descriptor: { readonly initial: number; readonly maximum?: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  class Global {
    constructor(type: { readonly value: string; readonly mutable: boolean }, value?: unknown);
    readonly value: unknown;
  }

  class Table {
    /** @returns how many elements it had before. */
    grow(count: number): number;
    constructor(descriptor: {
      readonly element: string;
      readonly initial: number;
      readonly maximum?: number;
    });
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value: unknown): void;
  }

  class RuntimeError extends Error {}
  class CompileError extends Error {}
  class LinkError extends Error {}

  type Imports = Record<string, Record<string, unknown>>;

  type Exports = Readonly<Record<string, unknown>>;

  function validate(bytes: Uint8Array): boolean;
  function compile(bytes: Uint8Array): Promise<Module>;
}
