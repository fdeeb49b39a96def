/** Which stretches of a function's code were written for which instructions of the guest. */
export class CodePlaces {
  readonly #offsets: number[] = [];
  readonly #addresses: number[] = [];

  /** From an offset on, behind those that were noted before, code is for a guest address. */
  note(offset: number, address: number): void {
    this.#offsets.push(offset);
    this.#addresses.push(address);
  }

  /** The guest address that the code at an offset was written for. */
  at(offset: number): number | undefined {
    let [low, high] = [0, this.#offsets.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#offsets[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return this.#addresses[low - 1];
  }
}
