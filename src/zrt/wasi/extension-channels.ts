/** The calls of the import module `zrt` that reach channels by index, past the file system. */
import { bytesOf, ERRNO, type Errno } from "../../base/index.ts";
import { exactNumber, type Guest } from "./guest.ts";

const CHANNEL_INFO_BYTES = 48;

/**
 * Writes 48 bytes on channel `index` and its alias, cut to `aliasSize`:
 *
 *   0 gets | 8 get bytes | 16 puts | 24 put bytes | 32 size, all u64 | 40 type u32 | 44 length of
 *   the alias u32
 */
export function chanInfo(
  guest: Guest,
  index: number,
  resultPtr: number,
  aliasPtr: number,
  aliasSize: number,
): Errno {
  const channel = guest.channels[index];
  if (channel === undefined) return ERRNO.EINVAL;
  guest.memory.check(resultPtr, CHANNEL_INFO_BYTES);
  guest.memory.check(aliasPtr, aliasSize);
  const { limits, type, alias } = channel.shape;
  const bytes = new Uint8Array(CHANNEL_INFO_BYTES);
  const view = new DataView(bytes.buffer);
  const sizes = [limits.gets, limits.getBytes, limits.puts, limits.putBytes];
  sizes.forEach((value, place) => {
    view.setBigUint64(8 * place, value, true);
  });
  view.setBigUint64(32, type === 0 ? 0n : BigInt(channel.sizeAtMount), true);
  view.setUint32(40, type, true);
  view.setUint32(44, alias.length, true);
  guest.memory.write(resultPtr, bytes);
  guest.memory.write(aliasPtr, bytesOf(alias).subarray(0, aliasSize));
  return ERRNO.OK;
}

/** The original's read trap: one get on channel `index`; u32 bytes at `resultPtr`. */
export const chanRead = channelCall("read", "dataIn");

/** The original's write trap: one put on channel `index`. */
export const chanWrite = channelCall("write", "dataOut");

function channelCall(direction: "read" | "write", record: "dataIn" | "dataOut") {
  return (
    guest: Guest,
    index: number,
    bufferPtr: number,
    size: number,
    offset: bigint,
    resultPtr: number,
  ): Errno => {
    const count = transfer(guest, index, bufferPtr, size, offset, resultPtr, direction);
    if (count < 0) return -count as Errno;
    guest.trace[record](bufferPtr, count);
    guest.memory.writeU32(resultPtr, count);
    return ERRNO.OK;
  };
}

function transfer(
  guest: Guest,
  index: number,
  bufferPtr: number,
  size: number,
  offset: bigint,
  resultPtr: number,
  direction: "read" | "write",
): number {
  const channel = guest.channels[index];
  if (channel === undefined) return -ERRNO.EINVAL;
  const signedSize = size | 0;
  guest.memory.check(bufferPtr, Math.max(0, signedSize));
  guest.memory.check(resultPtr, 4);
  const isSequential = direction === "read" ? channel.sequentialRead : channel.sequentialWrite;
  // A sequential transfer goes on where the last one ended, whatever the guest passes.
  const exact = isSequential ? 0 : exactNumber(BigInt.asIntN(64, offset));
  if (exact === undefined) return -ERRNO.EINVAL;
  return channel[direction](guest.memory.bytes, bufferPtr, signedSize, exact);
}
