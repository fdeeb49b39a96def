/** A frame of WebAssembly in a stack text of the engine. */
export interface EngineFrame {
  /** Of a module for a place of a Native Client program: the slot that it is named by. */
  readonly slot?: number;
  readonly functionIndex: number;
  /** Of the instruction, in the bytes of the module. */
  readonly offset: number;
}

/** What the engine has in each: `wasm://wasm/place-7-12345678:wasm-function[3]:0x1f2`. */
const FRAME = /(?:\/place-(\d{1,9})-[0-9a-f]+:)?wasm-function\[(\d{1,8})\]:0x([0-9a-f]{1,8})/g;

/** The frames of a stack text, innermost first; those of scripts are left out. */
export function framesOf(stack: string): EngineFrame[] {
  return [...stack.matchAll(FRAME)].map(([, slot, functionIndex, offset]) => ({
    ...(slot !== undefined && { slot: Number(slot) }),
    functionIndex: Number(functionIndex),
    offset: Number.parseInt(offset ?? "", 16),
  }));
}
