import { OP } from "../../wasm/rewrite/index.ts";
import type { Transfers } from "./transfers.ts";
import type { Code } from "./wasm/index.ts";

/** Ways that have a label each; code for more stays where it is. */
const WAYS_MAX = 1000;
/** The way to the address that is in the local of `Transfers`. */
export const COMPUTED = -1;

/**
 * Jumps from a function to others. Those within loops lead to labels at the end of the function: a
 * loop with a tail call in it could not become a function of its own.
 */
export class WaysOut {
  readonly #code: Code;
  readonly #transfers: Transfers;
  readonly #choice: number;
  /** Addresses, and the numbers of their labels. */
  readonly #ways = new Map<number, number>();
  #depth = 0;

  /** @param choice a local that says which way is taken. */
  constructor(code: Code, transfers: Transfers, choice: number) {
    this.#code = code;
    this.#transfers = transfers;
    this.#choice = choice;
  }

  /** Opens the block that is left by `go`. */
  open(): void {
    this.#code.block();
    this.#depth = this.#code.depth;
  }

  /** Jumps to an address; all registers are stored. */
  go(address: number, isInLoop: boolean): void {
    if (!isInLoop || this.#ways.size >= WAYS_MAX) {
      this.#jump(address);
      return;
    }
    const way = this.#ways.get(address) ?? this.#ways.size;
    this.#ways.set(address, way);
    const code = this.#code;
    code
      .i32(way)
      .set(this.#choice)
      .br(code.depth - this.#depth);
  }

  /** Closes the block; nothing may fall out of it. */
  close(): void {
    const code = this.#code;
    code.end();
    const ways = [...this.#ways];
    if (ways.length === 0) {
      code.op(OP.UNREACHABLE);
      return;
    }
    for (const _ of ways) code.block();
    const labels = ways.map(([, way]) => way);
    code.get(this.#choice).brTable(labels.slice(0, -1), labels.length - 1);
    for (const [address] of ways) {
      code.end();
      this.#jump(address);
    }
  }

  #jump(address: number): void {
    if (address === COMPUTED) this.#transfers.callTarget(true);
    else this.#transfers.callAddress(address, true);
  }
}
