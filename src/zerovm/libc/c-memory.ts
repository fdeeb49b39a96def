import { loadKoffi } from "./koffi.ts";

/** A text as C has it. */
export function cText(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, "utf8");
}

/**
 * A list of texts as C has it: pointers, the last of them null. The texts live as long as the
 * list does.
 */
export class TextList {
  readonly pointers: BigUint64Array;
  readonly #texts: readonly Uint8Array[];

  constructor(texts: readonly string[]) {
    const koffi = loadKoffi();
    this.#texts = texts.map(cText);
    this.pointers = new BigUint64Array(texts.length + 1);
    this.#texts.forEach((text, index) => {
      this.pointers[index] = koffi.address(text);
    });
  }
}
