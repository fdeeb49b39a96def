/** Numbers that look random and are the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Zero would stay zero.
    this.#state = (seed ^ 0x9e37_79b9) >>> 0 || 1;
  }

  /** An integer from 0 on, below `bound`. */
  below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return Math.floor((this.#state / 2 ** 32) * bound);
  }

  /** One of several, each as often as its weight says. */
  pick<T extends { readonly weight: number }>(choices: readonly T[]): T {
    let left = this.below(choices.reduce((sum, { weight }) => sum + weight, 0));
    for (const choice of choices) {
      left -= choice.weight;
      if (left < 0) return choice;
    }
    throw new Error("There is nothing to choose from");
  }
}
