import { GUARD_EXPORTS } from "../../../wasm/meter/index.ts";
import { uptimeMs } from "../machine/index.ts";
import { tableFunction } from "./table-function.ts";

/** Units given at a time to a guest that asks: some milliseconds of work. */
const UNITS_AT_A_TIME = 4_000_000n;
/** More than any guest uses up. */
const UNITS_MAX = 2n ** 63n - 1n;
const USED_UP = -1n;

/** What a guest was asked for last; one guest runs at a time. */
const asked = { answer: (): void => undefined };

/**
 * The fuel of one guest. A guest that asks for fuel gets it by and by, for as long as it has time
 * left: so it needs nobody who watches the clock beside it.
 */
export class FuelAccount {
  readonly #counter: { value: bigint } | undefined;
  readonly #asks: boolean;
  readonly #limit: bigint | undefined;
  readonly #endMs: number;
  #given = 0n;
  /** What was left when the time was over. */
  #leftAtEnd: bigint | undefined;

  /**
   * @param exports those of the guest's instance
   * @param limit units that it may use, undefined for any number
   */
  constructor(
    exports: Readonly<Record<string, unknown>>,
    limit: bigint | undefined,
    timeoutMs: number,
  ) {
    this.#counter = exports[GUARD_EXPORTS.FUEL] as { value: bigint } | undefined;
    this.#limit = limit;
    this.#endMs = uptimeMs() + timeoutMs;
    const table = exports[GUARD_EXPORTS.MORE];
    this.#asks = table instanceof WebAssembly.Table;
    if (table instanceof WebAssembly.Table) {
      asked.answer = () => this.#answer();
      table.set(0, askingFunction());
    }
    if (this.#counter !== undefined) this.#counter.value = 0n;
    this.#give();
  }

  /** Whether the guest was ended because its time was over. */
  get isTimeOver(): boolean {
    return this.#leftAtEnd !== undefined;
  }

  /** Units that were used, never more than there were; undefined where they have no limit. */
  get used(): bigint | undefined {
    const limit = this.#limit;
    if (limit === undefined) return undefined;
    const used = this.#given - (this.#leftAtEnd ?? this.#counter?.value ?? 0n);
    return used < 0n ? 0n : used;
  }

  #give(): void {
    const counter = this.#counter;
    if (counter === undefined) return;
    const rest = (this.#limit ?? UNITS_MAX) - this.#given;
    const wanted = this.#asks ? UNITS_AT_A_TIME - counter.value : rest;
    const units = wanted < rest ? wanted : rest;
    counter.value += units;
    this.#given += units;
  }

  #answer(): void {
    const counter = this.#counter;
    if (counter === undefined) return;
    if (uptimeMs() >= this.#endMs) {
      this.#leftAtEnd = counter.value;
      counter.value = USED_UP;
    } else if (counter.value < 0n) this.#give();
  }
}

let kept: (() => void) | undefined;

function askingFunction(): () => void {
  kept ??= tableFunction([], () => asked.answer());
  return kept;
}
