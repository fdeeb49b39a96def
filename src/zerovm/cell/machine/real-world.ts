import type { HashFactory } from "../../../base/index.ts";
import type { Clock, Entropy } from "../../../zrt/index.ts";
import { loadKoffi } from "../../libc/index.ts";
import { pause } from "../order/index.ts";
import { opensslHash } from "./openssl-hash.ts";

/** Milliseconds since the process started, of a clock that never goes back. */
export function uptimeMs(): number {
  return process.uptime() * 1000;
}

/** Milliseconds of the clock that all processes of the machine share, which never goes back. */
export function sharedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The host's clock, granted by the manifest: nanoseconds that go on steadily from its start. */
export function realClock(): Clock {
  const offsetNs = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  const look = (): bigint => process.hrtime.bigint() + offsetNs;
  return {
    resolutionNs: 1n,
    isReal: true,
    look,
    peek: look,
    sleep(durationNs) {
      const endNs = process.hrtime.bigint() + durationNs;
      for (let leftNs = durationNs; leftNs > 0n; leftNs = endNs - process.hrtime.bigint()) {
        pause(Number(leftNs < SLICE_NS ? leftNs : SLICE_NS) / 1e6);
      }
    },
  };
}

/** A session can be ended between two slices of a sleep. */
const SLICE_NS = 100_000_000n;

/** The host's entropy, granted by the manifest. */
export function realEntropy(): Entropy {
  const { randomFillSync } = process.getBuiltinModule("node:crypto");
  return {
    isReal: true,
    fill(memory, start, size) {
      forPieces(size, PIECE_BYTES, (at, count) => {
        // An offset would be a 32-bit number, to which the size is added without a look.
        randomFillSync(memory.subarray(start + at, start + at + count));
      });
    },
  };
}

/** The host's library takes less than 2 GiB in one call; guest memory may have 4. */
const PIECE_BYTES = 2 ** 30;

/** Visits `size` bytes in order, at most `pieceBytes` at a time: where each begins, how many. */
export function forPieces(
  size: number,
  pieceBytes: number,
  visit: (at: number, count: number) => void,
): void {
  for (let at = 0; at < size; at += pieceBytes) visit(at, Math.min(pieceBytes, size - at));
}

/** Digests of the host's library, in the way that is ready sooner. */
export const hostHash: HashFactory = (name) => opensslHash(name) ?? nodeHash(name);

/**
 * The same in a host's process, which needs koffi soon in any case, to send an order: loading it
 * now is not lost, and loading `node:crypto` would be.
 */
export const senderHash: HashFactory = (name) => {
  try {
    loadKoffi();
  } catch {
    // Without it there is the other library.
  }
  return hostHash(name);
};

/** Digests of `node:crypto`, which is loaded when the first of them is made. */
export const nodeHash: HashFactory = (name) => {
  const hash = process.getBuiltinModule("node:crypto").createHash(name);
  return {
    update(bytes) {
      forPieces(bytes.length, PIECE_BYTES, (at, count) => {
        hash.update(bytes.subarray(at, at + count));
      });
    },
    digestHex: () => hash.digest("hex"),
  };
};
