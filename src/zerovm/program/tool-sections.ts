import type { CustomSectionShape } from "../../wasm/index.ts";

/** What the `producers` section says: field (`language`, `processed-by`, `sdk`) and its values. */
export interface Producer {
  readonly field: string;
  readonly name: string;
  readonly version: string;
}

const ENTRIES_MAX = 1000;

/**
 * Reads the two sections in which toolchains say what they did. They prove nothing, anyone can
 * write them; a damaged one is taken as absent.
 */
export function readProducers(
  bytes: Uint8Array,
  sections: readonly CustomSectionShape[],
): Producer[] {
  const words = wordsOf(bytes, sections, "producers");
  if (words === undefined) return [];
  const producers: Producer[] = [];
  try {
    for (let fields = words.count(); fields > 0; fields--) {
      const field = words.text();
      for (let values = words.count(); values > 0; values--) {
        producers.push({ field, name: words.text(), version: words.text() });
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [];
  }
  return producers;
}

/** Features that the toolchain was told to use (`+`) or to avoid (`-`), such as `+simd128`. */
export function readTargetFeatures(
  bytes: Uint8Array,
  sections: readonly CustomSectionShape[],
): string[] {
  const words = wordsOf(bytes, sections, "target_features");
  if (words === undefined) return [];
  const features: string[] = [];
  try {
    for (let left = words.count(); left > 0; left--) {
      const prefix = String.fromCharCode(words.byte());
      features.push(`${prefix}${words.text()}`);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [];
  }
  return features;
}

function wordsOf(
  bytes: Uint8Array,
  sections: readonly CustomSectionShape[],
  name: string,
): Words | undefined {
  const section = sections.find((it) => it.name === name);
  if (section === undefined) return undefined;
  return new Words(bytes.subarray(section.offset, section.offset + section.sizeBytes));
}

/** Counts and texts one after the other. Throws RangeError at the end. */
class Words {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new RangeError("cut off");
    this.#at += 1;
    return value;
  }

  /** A number of at most 28 bits; these sections need no more. */
  count(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value > ENTRIES_MAX) break;
        return value;
      }
    }
    throw new RangeError("too many");
  }

  text(): string {
    const size = this.count();
    if (size > this.#bytes.length - this.#at) throw new RangeError("cut off");
    const text = new TextDecoder().decode(this.#bytes.subarray(this.#at, this.#at + size));
    this.#at += size;
    return text;
  }
}
