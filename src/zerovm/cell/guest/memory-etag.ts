import { hostHash } from "../machine/index.ts";
import type { Answer, Order } from "../order/index.ts";
import { hashedParts } from "./nexe-guest.ts";

/** What an answer says of a guest's memory as it is now; with its digest, where that is asked. */
export function memoryOf(order: Order, memory: WebAssembly.Memory | undefined): Answer["memory"] {
  const bytes = new Uint8Array(memory?.buffer ?? new ArrayBuffer(0));
  const linearBytes = bytes.length;
  if (!order.memoryEtag) return { linearBytes };
  const hash = hostHash(order.hash);
  for (const part of hashedParts(order.nexe, bytes)) {
    // One call of the library takes at most 2 GiB.
    for (let at = 0; at < part.length; at += HASH_BYTES_MAX) {
      hash.update(part.subarray(at, Math.min(part.length, at + HASH_BYTES_MAX)));
    }
  }
  return { linearBytes, etag: hash.digestHex() };
}

const HASH_BYTES_MAX = 2 ** 30;
