import type { ByteSource } from "../../../base/index.ts";
import type { Backend } from "../../../channels/index.ts";
import type { Clock, Entropy } from "../../../zrt/index.ts";
import type { OrderReplayed } from "../order/index.ts";
import {
  CLOCK_BYTES,
  ENTROPY_HEAD_BYTES,
  INTAKE_HEADER,
  intakeFailure,
  READ_HEAD_BYTES,
  type SourcePlace,
  TAKEN,
} from "./intake.ts";

const WINDOW_BYTES = 65_536;

/**
 * Gives a session what another one took in. Whatever is not the next in the intake is another
 * session than the one that was recorded, and ends in order.
 */
export class Replay {
  readonly #source: ByteSource;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  readonly #view = new DataView(this.#window.buffer);
  #windowStart = 0;
  #windowSize = 0;
  #at = 0;
  #hasEnded = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** A source without a place on the host: reads come from the intake, writes go nowhere. */
  source({ of, interactive }: OrderReplayed, place: SourcePlace): Backend {
    const calls = {
      read: (memory: Uint8Array, start: number, size: number): number => {
        return this.#read(place, memory, start, size);
      },
      write: (): void => undefined,
      close: (): void => undefined,
    };
    if (of === "stream") return { kind: of, interactive, ...calls };
    return { kind: of, ...calls, truncate: () => undefined };
  }

  /** @param later the clock for when the replay has ended */
  clock(later: Clock): Clock {
    const next = (look: () => bigint): bigint => {
      if (this.#hasEnded) return look();
      const at = this.#head(TAKEN.CLOCK, CLOCK_BYTES, "the clock");
      return this.#view.getBigUint64(at + 1, true);
    };
    return {
      resolutionNs: 1n,
      isReal: true,
      look: () => next(() => later.look()),
      peek: () => next(() => later.peek()),
      sleep: (durationNs) => (this.#hasEnded ? later.sleep(durationNs) : undefined),
    };
  }

  /** @param later the entropy for when the replay has ended */
  entropy(later: Entropy): Entropy {
    return {
      isReal: true,
      fill: (memory, start, size) => {
        if (this.#hasEnded) {
          later.fill(memory, start, size);
          return;
        }
        const at = this.#head(TAKEN.ENTROPY, ENTROPY_HEAD_BYTES, "entropy");
        const found = this.#view.getUint32(at + 1, true);
        if (found !== size) throw misfit(`${size} random bytes, not ${found}`);
        this.#data(memory, start, size);
      },
    };
  }

  /** A session takes the guest over, and with it come sources, a clock and entropy of its own. */
  end(): void {
    this.#hasEnded = true;
  }

  #read(place: SourcePlace, memory: Uint8Array, start: number, size: number): number {
    const { alias } = place;
    const at = this.#head(TAKEN.READ, READ_HEAD_BYTES, alias);
    const channel = this.#view.getUint16(at + 1, true);
    const source = this.#view.getUint16(at + 3, true);
    const found = this.#view.getUint32(at + 5, true);
    if (channel !== place.channel || source !== place.source) throw misfit(alias, alias);
    if (found > size) throw misfit(`${size} bytes of ${alias}, not ${found}`, alias);
    this.#data(memory, start, found);
    return found;
  }

  /** Goes to the next record. @returns where it begins in the window. */
  #head(kind: number, sizeBytes: number, wanted: string): number {
    if (this.#at === 0) this.#skipHeader();
    const at = this.#show(sizeBytes);
    if (at === undefined || this.#window[at] !== kind) throw misfit(wanted);
    this.#at += sizeBytes;
    return at;
  }

  #skipHeader(): void {
    const at = this.#show(INTAKE_HEADER.length);
    const found = this.#window.subarray(at, INTAKE_HEADER.length);
    if (at === undefined || new TextDecoder("latin1").decode(found) !== INTAKE_HEADER) {
      throw intakeFailure("", "the recording is malformed");
    }
    this.#at = INTAKE_HEADER.length;
  }

  /** Moves the window so that the next `sizeBytes` are in it; undefined where fewer are left. */
  #show(sizeBytes: number): number | undefined {
    const offset = this.#at - this.#windowStart;
    if (offset + sizeBytes <= this.#windowSize) return offset;
    this.#windowStart = this.#at;
    this.#windowSize = this.#source.read(this.#at, this.#window);
    return sizeBytes <= this.#windowSize ? 0 : undefined;
  }

  #data(memory: Uint8Array, start: number, size: number): void {
    const offset = this.#at - this.#windowStart;
    const into = memory.subarray(start, start + size);
    if (offset + size <= this.#windowSize) into.set(this.#window.subarray(offset, offset + size));
    else if (this.#source.read(this.#at, into) !== size) {
      throw intakeFailure("", "the recording ends in the middle");
    }
    this.#at += size;
  }
}

function misfit(wanted: string, alias = ""): Error {
  return intakeFailure(
    alias,
    `the session asks for ${wanted}, which does not come next in what was recorded`,
  );
}
