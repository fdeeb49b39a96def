import type { ZvmError } from "../../base/index.ts";
import type { Cell } from "../cell/index.ts";

interface Asker {
  give(cell: Cell): void;
  refuse(error: ZvmError): void;
}

/** Whoever waits for a cell, in order. */
export class Askers {
  readonly #waiting: Asker[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  /** A cell when it is this one's turn; who is interrupted before waits no more. */
  wait(signal: AbortSignal | undefined): Promise<Cell> {
    return new Promise((resolve, reject) => {
      const forget = (): void => signal?.removeEventListener("abort", leave);
      const asker: Asker = {
        give(cell) {
          forget();
          resolve(cell);
        },
        refuse(error) {
          forget();
          reject(error);
        },
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(asker), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiting.push(asker);
    });
  }

  /** @returns whether somebody waited for the cell, and has it now */
  give(cell: Cell): boolean {
    const asker = this.#waiting.shift();
    asker?.give(cell);
    return asker !== undefined;
  }

  refuseAll(error: ZvmError): void {
    for (const asker of this.#waiting.splice(0)) asker.refuse(error);
  }
}
