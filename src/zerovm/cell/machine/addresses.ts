import type { Koffi } from "../../libc/index.ts";

/** Where arrays lie in memory. Those of short life are asked for anew, which takes little. */
export class Addresses {
  readonly #koffi: Koffi;
  readonly #known = new WeakMap<Uint8Array, number>();

  constructor(koffi: Koffi) {
    this.#koffi = koffi;
  }

  of(bytes: Uint8Array): number {
    const known = this.#known.get(bytes);
    if (known !== undefined) return known;
    const address = Number(this.#koffi.address(bytes));
    this.#known.set(bytes, address);
    return address;
  }
}
