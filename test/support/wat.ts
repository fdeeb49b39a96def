import wabt from "wabt";

const FEATURES = {
  threads: true,
  simd: true,
  bulk_memory: true,
  reference_types: true,
  multi_value: true,
  tail_call: true,
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  exceptions: true,
  memory64: true,
  multi_memory: true,
  extended_const: true,
  relaxed_simd: true,
};

const toolkit = await wabt();

/** Builds a module from its text form, without judging it: also what the sandbox refuses. */
export function moduleOf(text: string): Uint8Array {
  const parsed = toolkit.parseWat("test.wat", text, FEATURES);
  try {
    return new Uint8Array(parsed.toBinary({ write_debug_names: false }).buffer);
  } finally {
    parsed.destroy();
  }
}

/** A module from bytes in hex, written with blanks and `;` comments to the end of the line. */
export function hexModule(text: string): Uint8Array {
  const digits = text.replace(/;[^\n]*/gu, "").replace(/\s+/gu, "");
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/** The eight bytes with which every module begins. */
export const PREAMBLE = "00 61 73 6d 01 00 00 00";

interface Engine {
  validate(bytes: Uint8Array): boolean;
}

/** What the engine at hand says. Its global is not in the type library that we compile with. */
export function engineAccepts(bytes: Uint8Array): boolean {
  const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;
  return engine.validate(bytes);
}
