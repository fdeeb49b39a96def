import { Decoder } from "./decoder.ts";
import { Instructions, NO_REGISTER } from "./instructions.ts";

/** Bytes of a bundle: decoding begins anew at each, and no instruction may cross its end. */
export const BUNDLE_BYTES = 32;

/** `form` of bytes that are no accepted instruction: they reach to the end of their bundle. */
export const NO_FORM = 0xffff;

/** Instructions that a text of so many bytes gets room for at first; real code has 4 bytes each. */
const BYTES_FOR_ONE = 3;

/**
 * Decodes a whole text bundle by bundle. Where bytes are no accepted instruction, or one would
 * cross the end of its bundle, an entry of form `NO_FORM` covers the rest of the bundle. Fields in
 * `into` are filled from their beginning and returned, so that their memory is used again.
 */
export function decodeText(bytes: Uint8Array, into?: Instructions): Instructions {
  const room = Math.ceil(bytes.length / BYTES_FOR_ONE) + BUNDLE_BYTES;
  const out = into ?? new Instructions(room);
  const decoder = new Decoder(bytes);
  let slot = 0;
  for (let bundle = 0; bundle < bytes.length; bundle += BUNDLE_BYTES) {
    const limit = Math.min(bundle + BUNDLE_BYTES, bytes.length);
    out.count = slot;
    if (slot + BUNDLE_BYTES > out.capacity) out.grow();
    for (let at = bundle; at < limit; slot++) {
      const length = decoder.decode(at, limit, out, slot);
      if (length === 0) putUnknown(out, slot, at, limit);
      at = length === 0 ? limit : at + length;
    }
  }
  out.count = slot;
  return out;
}

function putUnknown(out: Instructions, slot: number, at: number, limit: number): void {
  out.offset[slot] = at;
  out.length[slot] = limit - at;
  out.form[slot] = NO_FORM;
  out.prefixes[slot] = 0;
  out.size[slot] = 0;
  out.reg[slot] = NO_REGISTER;
  out.rm[slot] = NO_REGISTER;
  out.vvvv[slot] = NO_REGISTER;
  out.base[slot] = NO_REGISTER;
  out.index[slot] = NO_REGISTER;
}
