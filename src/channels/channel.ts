import { assert, type ByteString, ERRNO, type HashFactory, type HashName } from "../base/index.ts";
import type { Backend, TransferEnd } from "./backend.ts";
import { ChannelLedger } from "./ledger.ts";
import type { ChannelLimitName, ChannelShape } from "./shape.ts";
import { Sources } from "./sources.ts";
import { type Spans, spanSize, spanStart, spansSize, visitSpans } from "./spans.ts";
import { TransferDigest } from "./transfer-digest.ts";

export interface ChannelOptions {
  /** The sources in the order in which they are asked, at least one. */
  readonly backends: readonly Backend[];
  /** The size the channel starts with, see `sizeAtMount`. */
  readonly sizeBytes: number;
  readonly hashName: HashName;
  /** Needed where the shape has an etag or `digest` is asked for. */
  readonly hash?: HashFactory;
  /** Digests what passes although the shape has no etag: for comparing two runs. */
  readonly digest?: boolean;
}

/** What a channel did, in units of the guest and in units of the host. */
export interface ChannelReport {
  readonly alias: ByteString;
  /** Calls and bytes of the guest, as its limits count them. */
  readonly gets: number;
  readonly getBytes: number;
  readonly puts: number;
  readonly putBytes: number;
  /** Operations of the host, one for each block of 64 KiB and source. */
  readonly hostReads: number;
  readonly hostReadBytes: number;
  readonly hostWrites: number;
  readonly hostWriteBytes: number;
  /** Digest of everything that passed, where the shape has an etag. */
  readonly etag?: string;
  /** The same digest, where the shape has an etag or it was asked for. */
  readonly digest?: string;
  /** Whether reads were cut as a person typed: such a session cannot be repeated. */
  readonly interactive: boolean;
  /** Limits that shortened or refused a transfer. */
  readonly hit: readonly ChannelLimitName[];
  /** Whoever opened its sources knows that some of them led to other sessions. */
  readonly network?: true;
}

/**
 * One channel of a session: decides on each call of the guest, moves the bytes, charges the
 * limits. The caller has checked the handle and that the bytes lie inside `memory`; it passes
 * the same array as long as guest memory has not grown.
 *
 * Results are a number of bytes or a negative errno of Linux. Everything that the host cannot do
 * is thrown as `ChannelFailure` and ends the session.
 */
export class Channel {
  #shape: ChannelShape;
  #sizeAtMount: number;
  #ledger: ChannelLedger;
  #sources: Sources;
  #digest: TransferDigest | undefined;
  #hashName: HashName;
  #closed = false;

  constructor(shape: ChannelShape, options: ChannelOptions) {
    this.#shape = shape;
    this.#sizeAtMount = options.sizeBytes;
    this.#ledger = new ChannelLedger(shape, options.sizeBytes);
    this.#sources = new Sources(shape.alias, options.backends);
    this.#digest = digestFor(shape, options);
    this.#hashName = options.hashName;
  }

  get shape(): ChannelShape {
    return this.#shape;
  }

  get sizeAtMount(): number {
    return this.#sizeAtMount;
  }

  get readable(): boolean {
    return this.#ledger.readable;
  }

  get writable(): boolean {
    return this.#ledger.writable;
  }

  get sequentialRead(): boolean {
    return this.#ledger.sequentialRead;
  }

  get sequentialWrite(): boolean {
    return this.#ledger.sequentialWrite;
  }

  /** Whether a read may give less than was asked for: the source is a terminal. */
  get interactive(): boolean {
    return this.#sources.interactive;
  }

  /** Whether another session is at the other end. */
  get connected(): boolean {
    return this.#sources.connected;
  }

  /** Whether the report carries a digest of all bytes, so that a trace need not hash them. */
  get hashing(): boolean {
    return this.#digest !== undefined;
  }

  /** The size in the guest's table of channels: 0 for type 0, never updated. */
  get guestSizeBytes(): number {
    return this.shape.type === 0 ? 0 : this.sizeAtMount;
  }

  /** Grows with writes; what a file is cut to at the end. */
  get sizeBytes(): number {
    return this.#ledger.sizeBytes;
  }

  /** The end of the farthest write of this session, 0 before the first. */
  get highestWritten(): number {
    return this.#ledger.highestWritten;
  }

  /** Where the next sequential read begins. */
  get getPosition(): number {
    return this.#ledger.getPosition;
  }

  /** Where the next sequential write begins. */
  get putPosition(): number {
    return this.#ledger.putPosition;
  }

  /** Whether a sequential read has met the end: every later one gives 0, free of charge. */
  get endSeen(): boolean {
    return this.#ledger.endSeen;
  }

  /**
   * Reads `size` bytes into `memory` at `start`, less only at the end, at a limit, or from a
   * terminal. `offset` counts for random reads only.
   * @returns the bytes read, or as `ChannelLedger.admitRead`.
   * @throws ChannelFailure when the host fails.
   */
  read(memory: Uint8Array, start: number, size: number, offset: number): number {
    const ledger = this.#ledger;
    const wanted = ledger.admitRead(size, offset);
    if (wanted <= 0) return wanted;
    const done = this.#sources.read(memory, start, wanted, ledger.readPosition(offset));
    ledger.settleRead(done, this.#sources.ended);
    if (this.#digest !== undefined) this.#digest.update(memory, start, done);
    return done;
  }

  /**
   * Writes `size` bytes of `memory` at `start`, less only at a limit. `offset` counts for random
   * writes only.
   * @returns the bytes written, or as `ChannelLedger.admitWrite`.
   * @throws ChannelFailure when the host fails.
   */
  write(memory: Uint8Array, start: number, size: number, offset: number): number {
    const ledger = this.#ledger;
    const admitted = ledger.admitWrite(size, offset);
    if (admitted <= 0) return admitted;
    const position = ledger.writePosition(offset);
    this.#sources.write(memory, start, admitted, position);
    ledger.settleWrite(admitted, position);
    if (this.#digest !== undefined) this.#digest.update(memory, start, admitted);
    return admitted;
  }

  /** Like `read`, into `count` spans in order: one get, however many they are. */
  readSpans(memory: Uint8Array, spans: Spans, count: number, offset: number): number {
    if (count === 1) return this.read(memory, spanStart(spans, 0), spanSize(spans, 0), offset);
    const ledger = this.#ledger;
    const wanted = ledger.admitRead(spansSize(spans, count), offset);
    if (wanted <= 0) return wanted;
    const position = ledger.readPosition(offset);
    const done = this.#sources.readSpans(memory, spans, count, wanted, position);
    ledger.settleRead(done, this.#sources.ended);
    this.#digestSpans(memory, spans, count, done);
    return done;
  }

  /** Like `write`, from `count` spans in order: one put, however many they are. */
  writeSpans(memory: Uint8Array, spans: Spans, count: number, offset: number): number {
    if (count === 1) return this.write(memory, spanStart(spans, 0), spanSize(spans, 0), offset);
    const ledger = this.#ledger;
    const admitted = ledger.admitWrite(spansSize(spans, count), offset);
    if (admitted <= 0) return admitted;
    const position = ledger.writePosition(offset);
    this.#sources.writeSpans(memory, spans, count, admitted, position);
    ledger.settleWrite(admitted, position);
    this.#digestSpans(memory, spans, count, admitted);
    return admitted;
  }

  /**
   * Gives the file another size, as one put of no bytes. Whether a guest may ask for it at all
   * is for the caller to decide.
   * @returns 0, or as `ChannelLedger.admitTruncate`; -EINVAL where a source is a stream.
   * @throws ChannelFailure when the host fails.
   */
  truncate(sizeBytes: number): number {
    if (!this.#sources.cuttable) return -ERRNO.EINVAL;
    const answer = this.#ledger.admitTruncate(sizeBytes);
    if (answer !== 0) return answer;
    this.#sources.truncate(sizeBytes);
    this.#ledger.settleTruncate(sizeBytes);
    return 0;
  }

  /**
   * Delivers what was collected, cuts written files to their size and gives the final report.
   * A second call only gives the report.
   * @throws ChannelFailure after everything was closed that could be; `report` still works then.
   */
  close(): ChannelReport {
    if (!this.#closed) {
      this.#closed = true;
      this.#sources.close(this.#ledger.sizeBytes, this.#transferEnd());
    }
    return this.report();
  }

  /**
   * As `close`, after a session that failed: sessions at the other end are told why, and that there
   * will be no end.
   */
  break(why: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sources.break(this.#ledger.sizeBytes, why);
  }

  /** What of `close` needs no waiting, see `PeerCalls`. @returns whether more may be left */
  advance(): boolean {
    return this.#sources.advance(this.#transferEnd());
  }

  #transferEnd(): TransferEnd | undefined {
    if (!this.#shape.etag || !this.connected) return undefined;
    const hex = this.#digest?.finish();
    return hex === undefined ? undefined : { hash: this.#hashName, hex };
  }

  /**
   * Goes on with other sources, under another session: what was counted and digested starts anew,
   * sequential positions stay where the guest left them. The channel was closed before.
   */
  renew(shape: ChannelShape, options: ChannelOptions): void {
    assert(this.#closed, "a channel is closed before it goes on");
    assert(shape.alias === this.#shape.alias, "a channel keeps its name");
    assert(shape.type === this.#shape.type, "a channel keeps its type");
    this.#shape = shape;
    this.#sizeAtMount = options.sizeBytes;
    this.#ledger = new ChannelLedger(shape, options.sizeBytes, this.#ledger);
    this.#sources = new Sources(shape.alias, options.backends);
    this.#digest = digestFor(shape, options);
    this.#hashName = options.hashName;
    this.#closed = false;
  }

  /** What passed so far; asking for it ends the digest, so nothing may be transferred after. */
  report(): ChannelReport {
    const { gets, getBytes, puts, putBytes } = this.#ledger;
    const { reads, readBytes, writes, writeBytes } = this.#sources.accounting;
    const digest = this.#digest?.finish();
    return {
      alias: this.shape.alias,
      gets,
      getBytes,
      puts,
      putBytes,
      hostReads: reads,
      hostReadBytes: readBytes,
      hostWrites: writes,
      hostWriteBytes: writeBytes,
      ...(digest !== undefined && this.shape.etag ? { etag: digest } : {}),
      ...(digest !== undefined ? { digest } : {}),
      interactive: this.interactive,
      hit: this.#ledger.hit(),
    };
  }

  #digestSpans(memory: Uint8Array, spans: Spans, count: number, size: number): void {
    const digest = this.#digest;
    if (digest === undefined) return;
    visitSpans(spans, count, size, (start, part) => digest.update(memory, start, part));
  }
}

function digestFor(shape: ChannelShape, options: ChannelOptions): TransferDigest | undefined {
  if (!shape.etag && options.digest !== true) return undefined;
  assert(options.hash !== undefined, "a channel with an etag needs a hash");
  return new TransferDigest(options.hash(options.hashName));
}
