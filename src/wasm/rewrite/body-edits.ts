import type { ByteWriter } from "./byte-writer.ts";

/** Writes what an edit stands for. */
export type EmitEdit = (out: ByteWriter, kind: number, value: number) => void;

/**
 * Stretches of a body that become something else, in the order of the body. What an edit writes
 * is decided at the end: its kind and value can change until then, and kind 0 writes nothing.
 */
export class BodyEdits {
  count = 0;
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);
  #kinds = new Uint8Array(64);
  #values = new Float64Array(64);

  clear(): void {
    this.count = 0;
  }

  /** Adds bytes before `at`. @returns the number of the edit. */
  insert(at: number, kind: number, value: number): number {
    return this.replace(at, at, kind, value);
  }

  /** Puts bytes in the place of those from `start` to `end`. @returns the number of the edit. */
  replace(start: number, end: number, kind: number, value: number): number {
    const index = this.count;
    if (index === this.#starts.length) this.#grow();
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#kinds[index] = kind;
    this.#values[index] = value;
    this.count += 1;
    return index;
  }

  #grow(): void {
    const size = 2 * this.count;
    const [starts, ends, kinds, values] = [this.#starts, this.#ends, this.#kinds, this.#values];
    this.#starts = new Int32Array(size);
    this.#ends = new Int32Array(size);
    this.#kinds = new Uint8Array(size);
    this.#values = new Float64Array(size);
    this.#starts.set(starts);
    this.#ends.set(ends);
    this.#kinds.set(kinds);
    this.#values.set(values);
  }

  value(index: number): number {
    return this.#values[index] ?? 0;
  }

  setValue(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** Adds to the value of an edit. */
  addValue(index: number, more: number): void {
    this.#values[index] = (this.#values[index] ?? 0) + more;
  }

  kind(index: number): number {
    return this.#kinds[index] ?? 0;
  }

  setKind(index: number, kind: number): void {
    this.#kinds[index] = kind;
  }

  /** Writes the bytes from `start` to `end` with all edits applied. */
  write(out: ByteWriter, bytes: Uint8Array, start: number, end: number, emit: EmitEdit): void {
    const [starts, ends, kinds, values] = [this.#starts, this.#ends, this.#kinds, this.#values];
    let from = start;
    for (let index = 0; index < this.count; index++) {
      const kind = kinds[index] ?? 0;
      const to = starts[index] ?? 0;
      const next = ends[index] ?? 0;
      // An edit that is none leaves the stretch as it is.
      if (kind === 0 && to === next) continue;
      out.copy(bytes, from, to);
      from = next;
      if (kind !== 0) emit(out, kind, values[index] ?? 0);
    }
    out.copy(bytes, from, end);
  }
}
