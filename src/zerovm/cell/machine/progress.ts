import type { Clock, Entropy } from "../../../zrt/index.ts";
import type { Order } from "../order/index.ts";

/** How far a guest has come with the two things that move when it looks at them. */
export class Progress {
  /** The entropy of the guest, counted. */
  readonly entropy: Entropy;
  readonly #clock: Clock;
  readonly #startNs: bigint;
  #entropyBytes = 0n;

  constructor(
    { clock: start }: Order,
    given: { readonly clock: Clock; readonly entropy: Entropy },
  ) {
    this.#clock = given.clock;
    this.#startNs = start === "real" ? 0n : BigInt(start) * 1_000_000_000n;
    const { isReal } = given.entropy;
    this.entropy = {
      isReal,
      fill: (memory, at, size) => {
        given.entropy.fill(memory, at, size);
        this.#entropyBytes += BigInt(size);
      },
    };
  }

  /** Since the start of the session; the host's clock and entropy go on by themselves. */
  get clockNs(): bigint {
    return this.#clock.isReal ? 0n : this.#clock.peek() - this.#startNs;
  }

  get entropyBytes(): bigint {
    return this.entropy.isReal ? 0n : this.#entropyBytes;
  }
}
