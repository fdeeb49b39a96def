import { assert, type ByteString, HostIoError } from "../base/index.ts";
import { HostAccounting } from "./accounting.ts";
import { Agreement } from "./agreement.ts";
import type { Backend, PeerCalls, TransferEnd } from "./backend.ts";
import { asWriteFailure, readFailure } from "./channel-failure.ts";
import { type Spans, SpanWriter, spanSize, spanStart, visitSpans } from "./spans.ts";
import { PeerFailure } from "./wire-failure.ts";

/** The host side of a channel: one source, or several that have to agree. */
export class Sources {
  readonly accounting = new HostAccounting();
  /** Whether a read may give less than was asked for without meeting the end. */
  readonly interactive: boolean;
  /** Whether every source is a file, which alone can be cut. */
  readonly cuttable: boolean;
  /** Whether another session is at the other end of some source. */
  readonly connected: boolean;
  /** Whether the last read met the end. */
  ended = false;
  readonly #alias: ByteString;
  readonly #backends: readonly Backend[];
  readonly #first: Backend;
  readonly #agreement: Agreement | undefined;
  #gathered: Uint8Array | undefined;

  constructor(alias: ByteString, backends: readonly Backend[]) {
    const first = backends[0];
    assert(first !== undefined, "a channel has at least one source");
    const several = backends.length > 1;
    this.#alias = alias;
    this.#backends = backends;
    this.#first = first;
    this.#agreement = several ? new Agreement(alias, backends, this.accounting) : undefined;
    this.connected = backends.some((it) => peerOf(it) !== undefined);
    this.interactive = !several && first.kind === "stream" && first.interactive;
    this.cuttable = backends.every((backend) => backend.kind === "file");
  }

  /**
   * Reads until `size` bytes are there or the end is met.
   * @throws ChannelFailure when the host cannot read, or the sources contradict each other.
   */
  read(memory: Uint8Array, start: number, size: number, position: number): number {
    if (this.#agreement !== undefined) {
      return this.#readAgreed(this.#agreement, memory, [start, size], 1, size, position);
    }
    const done = this.#fill(memory, start, size, position);
    this.#settleRead(done, size);
    return done;
  }

  /** Like `read`, into the spans in order; at most `size` bytes. */
  readSpans(
    memory: Uint8Array,
    spans: Spans,
    count: number,
    size: number,
    position: number,
  ): number {
    if (this.#agreement !== undefined) {
      return this.#readAgreed(this.#agreement, memory, spans, count, size, position);
    }
    let done = 0;
    for (let index = 0; index < count && done < size; index++) {
      const part = Math.min(spanSize(spans, index), size - done);
      if (part === 0) continue;
      const got = this.#fill(memory, spanStart(spans, index), part, position + done);
      done += got;
      if (got < part || this.interactive) break;
    }
    this.#settleRead(done, size);
    return done;
  }

  /**
   * Writes the bytes to every source, in order.
   * @throws ChannelFailure naming the source that could not take them.
   */
  write(memory: Uint8Array, start: number, size: number, position: number): void {
    for (let index = 0; index < this.#backends.length; index++) {
      const backend = this.#backends[index];
      try {
        backend?.write(memory, start, size, position);
      } catch (error) {
        throw asWriteFailure({ alias: this.#alias, index }, error);
      }
    }
    this.accounting.countWrite(size, this.#backends.length);
  }

  /** Like `write`, from the spans in order; at most `size` bytes. */
  writeSpans(
    memory: Uint8Array,
    spans: Spans,
    count: number,
    size: number,
    position: number,
  ): void {
    if (size <= GATHERED_BYTES_MAX && this.#backends.some((one) => one.kind === "stream")) {
      this.write(this.#gather(memory, spans, count, size), 0, size, position);
      return;
    }
    this.#backends.forEach((backend, index) => {
      try {
        visitSpans(spans, count, size, (start, part, before) => {
          backend.write(memory, start, part, position + before);
        });
      } catch (error) {
        throw asWriteFailure({ alias: this.#alias, index }, error);
      }
    });
    this.accounting.countWrite(size, this.#backends.length);
  }

  /** Only where `cuttable`. @throws ChannelFailure as `write`. */
  truncate(sizeBytes: number): void {
    this.#everySource((backend) => {
      assert(backend.kind === "file", "only files are cut");
      backend.truncate(sizeBytes);
    });
  }

  /**
   * Cuts and closes every source, also when one of them fails. A session that was read and is lost
   * by now is borne as it is while reading: where two others agreed and came to their ends.
   * @throws ChannelFailure, the first of them.
   */
  close(sizeBytes: number, digest: TransferEnd | undefined): void {
    const lost: PeerFailure[] = [];
    const trusted = new Set(this.#agreement?.trusted);
    this.#everySource((backend) => {
      try {
        backend.close(sizeBytes, digest);
      } catch (error) {
        if (!(error instanceof PeerFailure) || peerOf(backend)?.reads !== true) throw error;
        lost.push(error);
        trusted.delete(backend);
        return;
      }
      this.accounting.countClosing(peerOf(backend)?.closing);
    });
    if (trusted.size < AGREEING_MIN && lost[0] !== undefined) throw lost[0];
  }

  /** See `PeerCalls`. */
  advance(digest: TransferEnd | undefined): boolean {
    let isLeft = false;
    for (const backend of this.#backends) {
      if (peerOf(backend)?.advance(digest) === true) isLeft = true;
    }
    return isLeft;
  }

  /**
   * Closes as `close`, after a session that failed: who is at the other end is told why.
   * @throws ChannelFailure, the first of them.
   */
  break(sizeBytes: number, why: string): void {
    this.#everySource((backend) => {
      const peer = peerOf(backend);
      if (peer === undefined) backend.close(sizeBytes);
      else peer.break(why);
    });
  }

  /** One read of the only source after the other, until enough is there. */
  #fill(memory: Uint8Array, start: number, size: number, position: number): number {
    const first = this.#first;
    let done = 0;
    try {
      while (done < size) {
        const got = first.read(memory, start + done, size - done, position + done);
        if (got === 0) break;
        done += got;
        if (this.interactive) break;
      }
    } catch (error) {
      throw error instanceof HostIoError ? readFailure(this.#alias, error) : error;
    }
    return done;
  }

  #settleRead(done: number, size: number): void {
    this.ended = done < size && !(this.interactive && done > 0);
    this.accounting.countRead(done, this.ended);
  }

  #readAgreed(
    agreement: Agreement,
    memory: Uint8Array,
    spans: Spans,
    count: number,
    size: number,
    position: number,
  ): number {
    const writer = new SpanWriter(memory, spans, count);
    let done = 0;
    this.ended = false;
    while (done < size && !this.ended) {
      const block = agreement.nextBlock(size - done, position + done);
      writer.add(block);
      done += block.length;
      this.ended = block.length === 0;
    }
    return done;
  }

  /** A stream gets a gathered write in one piece: a line is not torn, and one call is cheaper. */
  #gather(memory: Uint8Array, spans: Spans, count: number, size: number): Uint8Array {
    this.#gathered ??= new Uint8Array(GATHERED_BYTES_MAX);
    const gathered = this.#gathered;
    visitSpans(spans, count, size, (start, part, before) => {
      gathered.set(memory.subarray(start, start + part), before);
    });
    return gathered;
  }

  #everySource(act: (backend: Backend) => void): void {
    const failures: unknown[] = [];
    this.#backends.forEach((backend, index) => {
      try {
        act(backend);
      } catch (error) {
        failures.push(asWriteFailure({ alias: this.#alias, index }, error));
      }
    });
    if (failures.length > 0) throw failures[0];
  }
}

/** How many sources have to say the same. */
const AGREEING_MIN = 2;

function peerOf(backend: Backend): PeerCalls | undefined {
  return backend.kind === "stream" ? backend.peer : undefined;
}

/** What a stream gets gathered; more goes to it piece by piece. */
const GATHERED_BYTES_MAX = 16_384;
