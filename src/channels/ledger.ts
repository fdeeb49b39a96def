import { ERRNO } from "../base/index.ts";
import { WIDE } from "./accounting.ts";
import {
  type ChannelLimitName,
  type ChannelShape,
  firstPutPosition,
  isReadable,
  isSequentialRead,
  isSequentialWrite,
  isWritable,
} from "./shape.ts";

/**
 * What a channel has granted, what is used up, and where its positions are: the decisions on
 * every transfer, without the transfer. The order of the checks is part of the contract, because
 * it decides which error a guest sees.
 *
 * Amounts are ordinary numbers here. A limit above 2^53 - 1 counts as 2^53 - 1, which no session
 * can use up.
 */
export class ChannelLedger {
  readonly readable: boolean;
  readonly writable: boolean;
  readonly sequentialRead: boolean;
  readonly sequentialWrite: boolean;
  readonly #getsMax: number;
  readonly #getBytesMax: number;
  readonly #putsMax: number;
  readonly #putBytesMax: number;
  gets = 0;
  getBytes = WIDE;
  puts = 0;
  putBytes = WIDE;
  getPosition = WIDE;
  putPosition = WIDE;
  sizeBytes = WIDE;
  highestWritten = WIDE;
  endSeen = false;
  /** Where sequential writes begin: what was written before counts for no limit. */
  readonly #putStart: number;
  #hitBits = 0;
  #readWasCut = false;

  /** @param before what used the channel until now: its positions go on */
  constructor(shape: ChannelShape, sizeBytes: number, before?: ChannelLedger) {
    this.readable = isReadable(shape.limits);
    this.writable = isWritable(shape.limits);
    this.sequentialRead = isSequentialRead(shape.type);
    this.sequentialWrite = isSequentialWrite(shape.type);
    this.#getsMax = amountOf(shape.limits.gets);
    this.#getBytesMax = amountOf(shape.limits.getBytes);
    this.#putsMax = amountOf(shape.limits.puts);
    this.#putBytesMax = amountOf(shape.limits.putBytes);
    this.getBytes = 0;
    this.putBytes = 0;
    this.getPosition = before?.getPosition ?? 0;
    const hasWritten = before !== undefined && before.puts > 0;
    this.putPosition = hasWritten ? before.putPosition : firstPutPosition(shape, sizeBytes);
    this.#putStart = hasWritten && this.sequentialWrite ? before.putPosition : 0;
    this.sizeBytes = sizeBytes;
    this.highestWritten = 0;
  }

  /** Where a read with this argument begins. */
  readPosition(offset: number): number {
    return this.sequentialRead ? this.getPosition : offset;
  }

  /** Where a write with this argument begins. */
  writePosition(offset: number): number {
    return this.sequentialWrite ? this.putPosition : offset;
  }

  /**
   * How many bytes a read may transfer now.
   * - 0: nothing asked, or the end is known; nothing is charged
   * - -EFAULT: the size is negative, or a random read begins behind the end
   * - -EINVAL: the offset of a random read is negative
   * - -EDQUOT: no get or no byte to get is left
   */
  admitRead(size: number, offset: number): number {
    let wanted = size;
    if (!this.sequentialRead && this.sizeBytes - offset < size) wanted = this.sizeBytes - offset;
    if (wanted === 0) return 0;
    if (wanted < 0) return -ERRNO.EFAULT;
    if (!this.sequentialRead && offset < 0) return -ERRNO.EINVAL;
    if (this.endSeen) return 0;
    if (this.gets >= this.#getsMax) return this.#refuseRead(GETS_BIT);
    const left = this.#getBytesMax - this.getBytes;
    if (left < 1) return this.#refuseRead(GET_BYTES_BIT);
    this.#readWasCut = wanted > left;
    return Math.min(wanted, left);
  }

  /**
   * Charges a read that was admitted; `ended` says that it met the end. A read that gave less
   * than the limit would have let through was not shortened by the limit.
   */
  settleRead(bytes: number, ended: boolean): void {
    this.gets += 1;
    this.getBytes += bytes;
    if (this.#readWasCut && this.getBytes >= this.#getBytesMax) this.#hitBits |= GET_BYTES_BIT;
    if (!this.sequentialRead) return;
    this.getPosition += bytes;
    if (ended) this.endSeen = true;
  }

  /**
   * How many bytes a write may transfer now.
   * - 0: nothing to write; nothing is charged
   * - -EFAULT: the size is negative
   * - -EINVAL: the offset is negative, or the write begins where the limits allow no byte; so
   *   ends a sequential writer that has used up its bytes
   * - -EDQUOT: no put is left, or no byte to put for a write inside the file
   */
  admitWrite(size: number, offset: number): number {
    const position = this.writePosition(offset);
    if (size === 0) return 0;
    if (size < 0) return -ERRNO.EFAULT;
    if (position < 0) return -ERRNO.EINVAL;
    if (this.puts >= this.#putsMax) return this.#refuseWrite(PUTS_BIT, ERRNO.EDQUOT);
    const left = this.#putBytesMax - this.putBytes;
    const beyondLimit = !this.readable && position - this.#putStart >= this.#putBytesMax;
    if (beyondLimit || position >= this.#reach(left)) {
      return this.#refuseWrite(PUT_BYTES_BIT, ERRNO.EINVAL);
    }
    if (left < 1) return this.#refuseWrite(PUT_BYTES_BIT, ERRNO.EDQUOT);
    if (size <= left) return size;
    this.#hitBits |= PUT_BYTES_BIT;
    return left;
  }

  /** Charges a write that was admitted and done, and moves the positions behind it. */
  settleWrite(bytes: number, position: number): void {
    const end = position + bytes;
    this.puts += 1;
    this.putBytes += bytes;
    this.putPosition = end;
    this.getPosition = end;
    if (this.sequentialWrite || end > this.sizeBytes) this.sizeBytes = end;
    if (end > this.highestWritten) this.highestWritten = end;
  }

  /**
   * Whether the file may get this size. Cutting costs one put and no bytes; growing may reach as
   * far as a write could begin.
   * - -EINVAL: the channel cannot be written, or the size is negative
   * - -EDQUOT: no put is left
   * - -EFBIG: the size is more than the bytes to put that are left would allow
   */
  admitTruncate(sizeBytes: number): number {
    if (!this.writable || sizeBytes < 0) return -ERRNO.EINVAL;
    if (this.puts >= this.#putsMax) return this.#refuseWrite(PUTS_BIT, ERRNO.EDQUOT);
    const left = this.#putBytesMax - this.putBytes;
    if (sizeBytes > this.sizeBytes && sizeBytes > this.#reach(left)) {
      return this.#refuseWrite(PUT_BYTES_BIT, ERRNO.EFBIG);
    }
    return 0;
  }

  settleTruncate(sizeBytes: number): void {
    this.puts += 1;
    this.sizeBytes = sizeBytes;
    if (this.sequentialWrite) this.putPosition = sizeBytes;
    if (this.highestWritten > sizeBytes) this.highestWritten = sizeBytes;
  }

  /** The limits that shortened or refused a transfer, in the order of the manifest. */
  hit(): ChannelLimitName[] {
    return HIT_NAMES.filter((_, bit) => (this.#hitBits & (1 << bit)) !== 0);
  }

  /** The first position that no write may begin at. */
  #reach(putBytesLeft: number): number {
    return Math.min(Math.max(this.sizeBytes, this.#putStart) + putBytesLeft, POSITION_MAX);
  }

  /** A direction that was never granted has no limit that could be hit. */
  #refuseRead(bit: number): number {
    if (this.readable) this.#hitBits |= bit;
    return -ERRNO.EDQUOT;
  }

  #refuseWrite(bit: number, errno: number): number {
    if (this.writable) this.#hitBits |= bit;
    return -errno;
  }
}

const HIT_NAMES: readonly ChannelLimitName[] = ["gets", "get-bytes", "puts", "put-bytes"];
const GETS_BIT = 1;
const GET_BYTES_BIT = 2;
const PUTS_BIT = 4;
const PUT_BYTES_BIT = 8;

/** A write of any size that begins below this ends at an exact number. */
const POSITION_MAX = 2 ** 53 - 2 ** 33;

function amountOf(limit: bigint): number {
  return limit > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(limit);
}
