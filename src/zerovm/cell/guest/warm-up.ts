import { closeSync, existsSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { STANDARD_LIMITS } from "../../../base/index.ts";
import { socketPair } from "../../libc/index.ts";
import { warmLimits } from "../../walls/index.ts";
import {
  encodeAnswer,
  encodeOrder,
  FIRST_CELL_FD,
  ORDER_VERSION,
  type Order,
  type OrderReplayed,
  type OrderSource,
  pause,
  receiveOrder,
  sendOrder,
  WORD,
  writeFrame,
} from "../order/index.ts";
import type { Guard } from "./guarded.ts";
import { prepareOptimising } from "./optimise.ts";
import { runOrder } from "./run-order.ts";

/** Enough for the engine to have compiled all that a short session needs. */
const RUNS = 12;
/** Before this one the engine gets a moment to finish what it compiles beside the others. */
const LAST_RUNS_AT = 8;
const SETTLE_MS = 10;

const UNLIMITED = 2n ** 63n - 1n;
const ALIASES = ["/dev/stdin", "/dev/stdout", "/dev/stderr"] as const;

/** Runs a small guest of our own a few times: engine code that was used is fast. */
export function warmUp(guard: Guard): void {
  const path = join(import.meta.dirname, "warm.wasm");
  if (!existsSync(path)) return;
  const [program, nothing] = [openSync(path, "r"), openSync("/dev/null", "r+")];
  const text = encodeOrder(warmOrder(fstatSync(program).size));
  const [ours, theirs] = socketPair();
  // Signals stay with the session to come.
  const own: Guard = { ...guard, ignoreInterrupts: () => undefined };
  const onStart = (): void => writeFrame(nothing, WORD.STARTED);
  for (let run = 0; run < RUNS; run += 1) {
    if (run === LAST_RUNS_AT) pause(SETTLE_MS);
    sendOrder(ours, { text, blocks: [], fds: [program, nothing] });
    const order = receiveOrder(theirs);
    if (order === undefined) break;
    warmLimits();
    const answer = runOrder(order, { guard: own, onStart });
    writeFrame(nothing, WORD.ANSWER + encodeAnswer(answer));
    for (const fd of descriptorsOf(order)) closeSync(fd);
  }
  for (const fd of [program, nothing, ours, theirs]) closeSync(fd);
  prepareOptimising();
}

function descriptorsOf({ program, channels }: Order): Set<number> {
  const sources = channels.flatMap((channel) => channel.sources);
  return new Set([program, ...sources.filter(hasDescriptor)].map(({ fd }) => fd));
}

function hasDescriptor(source: OrderSource): source is Exclude<OrderSource, OrderReplayed> {
  return source.kind !== "replayed";
}

/** An order whose program comes first, and whose channels are all the null device. */
export function warmOrder(sizeBytes: number): Order {
  const fd = FIRST_CELL_FD + 1;
  return {
    version: ORDER_VERSION,
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
