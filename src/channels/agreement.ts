import { HostIoError } from "../base/index.ts";
import { CHUNK_BYTES_MAX, type HostAccounting } from "./accounting.ts";
import type { Backend } from "./backend.ts";
import { allSourcesFailure, outOfSyncFailure, readFailure } from "./channel-failure.ts";
import { PeerFailure } from "./wire-failure.ts";

/**
 * Several sources that ought to hold the same: a block of at most 64 KiB counts only when two of
 * them give it byte for byte. A source that contradicts an agreement, or that the host cannot
 * read, is never asked again. With two sources every difference ends the session, with three one
 * bad source is survived.
 */
export class Agreement {
  readonly #alias: string;
  readonly #accounting: HostAccounting;
  #witnesses: Witness[];
  #agreedBytes = 0;

  constructor(alias: string, backends: readonly Backend[], accounting: HostAccounting) {
    this.#alias = alias;
    this.#accounting = accounting;
    this.#witnesses = backends.map((backend, index) => {
      return { backend, index, passedBytes: 0, block: undefined };
    });
  }

  /** Of which sources two still have to agree: the others broke, or contradicted an agreement. */
  get trusted(): readonly Backend[] {
    return this.#witnesses.map(({ backend }) => backend);
  }

  /**
   * The next block of at most `size` bytes; empty when the first source that can be read is at
   * its end. The bytes stay valid until the next call.
   * @throws ChannelFailure when no two sources agree, or one of them lags behind its own end.
   */
  nextBlock(size: number, position: number): Uint8Array {
    const wanted = Math.min(size, CHUNK_BYTES_MAX);
    const asked: Answer[] = [];
    let lastError = this.#keepUp();
    for (const witness of [...this.#witnesses]) {
      try {
        asked.push({ witness, bytes: this.#ask(witness, wanted, position) });
      } catch (error) {
        lastError = this.#dropped(witness, error);
        continue;
      }
      const agreed = this.#settled(asked);
      if (agreed !== undefined) return agreed;
    }
    if (lastError instanceof PeerFailure) throw lastError;
    if (this.#witnesses.length === 0) throw allSourcesFailure(this.#alias, lastError);
    throw readFailure(this.#alias, lastError);
  }

  /**
   * Sessions that others agreed without are read as well: what one of them writes goes to several
   * readers, and would keep all others of them waiting.
   * @returns why one of them is not asked any more
   */
  #keepUp(): unknown {
    let lastError: unknown;
    for (const witness of [...this.#witnesses]) {
      const { backend } = witness;
      if (backend.kind !== "stream" || backend.peer === undefined) continue;
      try {
        this.#catchUp(witness, blockOf(witness));
      } catch (error) {
        lastError = this.#dropped(witness, error);
      }
    }
    return lastError;
  }

  /** A source that broke is not asked again. @throws what is no failure of a source */
  #dropped(witness: Witness, error: unknown): unknown {
    if (!(error instanceof HostIoError || error instanceof PeerFailure)) throw error;
    this.#witnesses = this.#witnesses.filter((other) => other !== witness);
    return error;
  }

  /** Compares the newest answer with those before it. */
  #settled(asked: readonly Answer[]): Uint8Array | undefined {
    const newest = asked.at(-1);
    if (newest === undefined) return undefined;
    if (asked.length === 1) return newest.bytes.length === 0 ? newest.bytes : undefined;
    const partner = asked.find((answer) => answer !== newest && isEqual(answer, newest));
    if (partner === undefined) return undefined;
    const liars = asked.filter((answer) => answer !== newest && answer !== partner);
    this.#witnesses = this.#witnesses.filter((one) => !liars.some((liar) => liar.witness === one));
    this.#agreedBytes += newest.bytes.length;
    return newest.bytes;
  }

  #ask(witness: Witness, size: number, position: number): Uint8Array {
    const block = blockOf(witness);
    if (witness.backend.kind === "stream") this.#catchUp(witness, block);
    const got = readFully(witness.backend, block, size, position);
    witness.passedBytes += got;
    this.#accounting.countRead(got, got === 0);
    return block.subarray(0, got);
  }

  /** A stream that was not asked lately still has before it what the others agreed upon. */
  #catchUp(witness: Witness, block: Uint8Array): void {
    while (witness.passedBytes < this.#agreedBytes) {
      const behind = Math.min(this.#agreedBytes - witness.passedBytes, CHUNK_BYTES_MAX);
      const got = readFully(witness.backend, block, behind, witness.passedBytes);
      this.#accounting.countRead(got, got === 0);
      if (got === 0) throw outOfSyncFailure({ alias: this.#alias, index: witness.index });
      witness.passedBytes += got;
    }
  }
}

interface Witness {
  readonly backend: Backend;
  /** Number of the source, from 0, in the order in which they are asked. */
  readonly index: number;
  passedBytes: number;
  /** Made when the source is first asked: a third source may never be. */
  block: Uint8Array | undefined;
}

interface Answer {
  readonly witness: Witness;
  readonly bytes: Uint8Array;
}

function blockOf(witness: Witness): Uint8Array {
  witness.block ??= new Uint8Array(CHUNK_BYTES_MAX);
  return witness.block;
}

/** Four bytes at a time, as all of a transfer passes here; blocks begin with their buffers. */
function isEqual({ bytes: one }: Answer, { bytes: other }: Answer): boolean {
  if (one.length !== other.length) return false;
  const words = one.length >> 2;
  const left = new Int32Array(one.buffer, one.byteOffset, words);
  const right = new Int32Array(other.buffer, other.byteOffset, words);
  for (let at = 0; at < words; at++) {
    if (left[at] !== right[at]) return false;
  }
  for (let at = words * 4; at < one.length; at++) {
    if (one[at] !== other[at]) return false;
  }
  return true;
}

function readFully(backend: Backend, into: Uint8Array, size: number, position: number): number {
  let done = 0;
  while (done < size) {
    const got = backend.read(into, done, size - done, position + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}
