/** Numbers from a seed: the same ones each time. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  below(bound: number): number {
    this.#state = Math.imul(this.#state ^ (this.#state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9;
    const mixed = Math.imul(this.#state ^ (this.#state >>> 13), 0x297a_2d39);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % bound;
  }

  /** One of some things. */
  of<Thing>(things: readonly [Thing, ...Thing[]]): Thing {
    return things[this.below(things.length)] ?? things[0];
  }
}
