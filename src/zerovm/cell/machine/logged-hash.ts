import { type Descriptors, type Hash, HostIoError } from "../../../base/index.ts";
import type { OrderLog } from "../order/index.ts";

/**
 * A digest that keeps what it digests as well: the first bytes, up to the size of the log. A log
 * that the host cannot hold is shorter, and the session does not suffer.
 */
export function loggedHash(hash: Hash, descriptors: Descriptors, { fd, bytesMax }: OrderLog): Hash {
  let left = bytesMax;
  let at = 0;
  const keep = (bytes: Uint8Array): void => {
    const size = Math.min(bytes.length, left);
    if (size === 0) return;
    try {
      descriptors.write(fd, bytes, 0, size, at);
      at += size;
      left -= size;
    } catch (error) {
      if (!(error instanceof HostIoError)) throw error;
      left = 0;
    }
  };
  return {
    update(bytes) {
      hash.update(bytes);
      keep(bytes);
    },
    digestHex: () => hash.digestHex(),
  };
}
