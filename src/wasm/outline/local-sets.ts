/** Sets of locals, one bit a member, in rows of one array: a function has thousands of them. */
export class LocalSets {
  /** Words of 32 members in a row. */
  readonly words: number;
  readonly #bits: Uint32Array;

  constructor(rows: number, locals: number) {
    this.words = Math.ceil(locals / 32);
    this.#bits = new Uint32Array(rows * this.words);
  }

  has(row: number, local: number): boolean {
    return (((this.#bits[this.#wordOf(row, local)] ?? 0) >>> (local & 31)) & 1) === 1;
  }

  add(row: number, local: number): void {
    const word = this.#wordOf(row, local);
    this.#bits[word] = (this.#bits[word] ?? 0) | (1 << (local & 31));
  }

  remove(row: number, local: number): void {
    const word = this.#wordOf(row, local);
    this.#bits[word] = (this.#bits[word] ?? 0) & ~(1 << (local & 31));
  }

  clear(row: number): void {
    const start = row * this.words;
    this.#bits.fill(0, start, start + this.words);
  }

  /** Makes a row what another one is. */
  copy(row: number, from: number): void {
    const start = from * this.words;
    this.#bits.copyWithin(row * this.words, start, start + this.words);
  }

  /** Adds the members of another row. @returns whether there were new ones. */
  unite(row: number, from: number): boolean {
    const bits = this.#bits;
    const [to, start] = [row * this.words, from * this.words];
    let isChanged = false;
    for (let word = 0; word < this.words; word++) {
      const before = bits[to + word] ?? 0;
      const after = (before | (bits[start + word] ?? 0)) >>> 0;
      if (after !== before) isChanged = true;
      bits[to + word] = after;
    }
    return isChanged;
  }

  /** The members of a row, ascending. */
  members(row: number): number[] {
    const found: number[] = [];
    for (let word = 0; word < this.words; word++) {
      let left = this.#bits[row * this.words + word] ?? 0;
      for (; left !== 0; left &= left - 1) found.push(word * 32 + 31 - Math.clz32(left & -left));
    }
    return found;
  }

  #wordOf(row: number, local: number): number {
    return row * this.words + (local >>> 5);
  }
}
