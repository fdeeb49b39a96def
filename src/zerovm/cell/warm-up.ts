import { closeSync, existsSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { STANDARD_LIMITS } from "../../base/index.ts";
import { withDescriptors } from "./arrived.ts";
import type { Guard } from "./guarded.ts";
import { encodeOrder, FIRST_CELL_FD, type Order } from "./order.ts";
import { parseOrder } from "./parse-order.ts";
import { runOrder } from "./run-order.ts";

/** Enough for the engine to have compiled all that a short session needs. */
const RUNS = 4;

const UNLIMITED = 2n ** 63n - 1n;
const ALIASES = ["/dev/stdin", "/dev/stdout", "/dev/stderr"] as const;

/** Runs a small guest of our own a few times: engine code that was used is fast. */
export function warmUp(guard: Guard): void {
  const path = join(import.meta.dirname, "warm.wasm");
  if (!existsSync(path)) return;
  const fds = [openSync(path, "r"), openSync("/dev/null", "r+")];
  const text = encodeOrder(warmOrder(fstatSync(fds[0] ?? -1).size));
  // Signals stay with the session to come.
  const own: Guard = { ...guard, ignoreInterrupts: () => undefined };
  for (let run = 0; run < RUNS; run += 1) {
    const answer = runOrder(withDescriptors(parseOrder(text, noBlock), fds), {
      guard: own,
      onStart: () => undefined,
    });
    JSON.stringify(answer);
  }
  for (const fd of fds) closeSync(fd);
}

function noBlock(): never {
  throw new Error("The order to warm up has no images");
}

/** An order whose program comes first, and whose channels are all the null device. */
export function warmOrder(sizeBytes: number): Order {
  const fd = FIRST_CELL_FD + 1;
  return {
    version: 5,
    program: { fd: FIRST_CELL_FD, sizeBytes },
    functionCount: 0,
    limits: STANDARD_LIMITS,
    tier: "auto",
    hash: "sha256",
    memoryEtag: false,
    clock: 0,
    seed: 0n,
    channels: ALIASES.map((alias) => {
      const isInput = alias === "/dev/stdin";
      const gets = isInput ? UNLIMITED : 0n;
      const puts = isInput ? 0n : UNLIMITED;
      const source = { fd, interactive: false, writeBehind: false, waits: false } as const;
      return {
        alias,
        type: 0,
        etag: false,
        gets,
        getBytes: gets,
        puts,
        putBytes: puts,
        sizeBytes: 0,
        sources: [{ kind: "stream", ...source }],
      };
    }),
    args: ["program"],
    env: [["NAME", "value"]],
    mapping: [],
    images: [],
    exports: [],
    preopens: [],
  };
}
