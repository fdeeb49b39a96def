/** The hash of a text, the same everywhere (FNV-1a, 32 bits). */
export function hashOfText(text: string, seed = 0x811c_9dc5): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  }
  return hash >>> 0;
}

/** Mixes a number into a hash, so that every bit of both tells in every bit of the outcome. */
export function mixed(hash: number, number: number): number {
  let mix = Math.imul(hash ^ number, 0x9e37_79b1);
  mix = Math.imul(mix ^ (mix >>> 16), 0x85eb_ca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2_ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
}
