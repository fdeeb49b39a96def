import { wasiCalls } from "../../../zrt/index.ts";
import {
  encodeAnswer,
  encodeOrder,
  FIRST_CELL_FD,
  type ModuleOrder,
  type Order,
  parseOrder,
  WORD,
  withDescriptors,
  writeFrame,
} from "../order/index.ts";
import type { Guard } from "./guarded.ts";
import type { MadeInstance } from "./made-instance.ts";
import { NexeCode } from "./nexe-code.ts";
import { boundStores, nexeSpace, userManifestOf } from "./nexe-guest.ts";
import { runOrder } from "./run-order.ts";
import { warmOrder } from "./warm-up.ts";
import { buildWorld } from "./world.ts";

/** Of these the last ones touch no memory of the process that was not in use before. */
const RUNS = 20;
/** The standard output of a cell, which is the null device. */
const NULL_FD = 1;
const IMAGINED = { fd: FIRST_CELL_FD, sizeBytes: 0 } as const;

/**
 * Goes through the sessions that are expected before one comes, with a guest that is imagined:
 * memory that was touched and code that was used are fast, and no code of the program runs.
 */
export function rehearse(
  { limits, nexe }: ModuleOrder,
  module: WebAssembly.Module,
  guard: Guard,
): void {
  const order: Order = { ...warmOrder(0), program: { ...IMAGINED, compiled: true }, limits };
  const texts = [order, withFiles(order)].map(encodeOrder);
  const further = { program: IMAGINED, translator: IMAGINED };
  const ofNexe = nexe && encodeOrder({ ...order, nexe: { ...nexe, further } });
  const memory = new WebAssembly.Memory({ initial: 1 });
  // Signals stay with the session to come.
  const own: Guard = { ...guard, ignoreInterrupts: () => undefined };
  for (let run = 0; run < RUNS; run += 1) {
    if (ofNexe !== undefined) rehearseNexe(arrivedOrder(ofNexe), memory);
    for (const text of texts) {
      const answer = runOrder(arrivedOrder(text), {
        guard: own,
        onStart: () => writeFrame(NULL_FD, WORD.STARTED),
        ahead: { module, made: imaginedGuest(memory) },
      });
      writeFrame(NULL_FD, WORD.ANSWER + encodeAnswer(answer));
    }
  }
}

/** The same with files behind its channels, and a digest of what is written to one of them. */
function withFiles(order: Order): Order {
  const file = { kind: "file", fd: FIRST_CELL_FD + 1, cut: false, resize: [] } as const;
  const channels = order.channels.map((channel) => {
    const isOutput = channel.puts > 0n;
    const source = { ...file, readAhead: !isOutput };
    return {
      ...channel,
      etag: isOutput,
      type: isOutput ? channel.type : READ_ANYWHERE,
      sources: [source],
    };
  });
  const mapping = channels.map(
    ({ alias }) => ({ channel: alias, mode: "file", truncate: false }) as const,
  );
  return { ...order, hash: "md5", channels, mapping };
}

/** Type of a channel that is read at any place. */
const READ_ANYWHERE = 3;

/** An order as it is read when it comes, with the null device behind all that it names. */
function arrivedOrder(text: string): Order {
  const noBlock = (): Uint8Array<ArrayBuffer> => new Uint8Array();
  return withDescriptors(parseOrder(text, noBlock), [NULL_FD, NULL_FD]);
}

/** A guest that writes nothing, and ends. */
function imaginedGuest(memory: WebAssembly.Memory): MadeInstance {
  const wasi = wasiCalls();
  const write = wasi.imports["wasi_snapshot_preview1"]?.["fd_write"] as
    | ((fd: number, spans: number, count: number, written: number) => number)
    | undefined;
  return { instance: { exports: { memory, _start: () => write?.(1, 0, 1, 8) } }, wasi };
}

/** What a Native Client guest has that others have not, without the memory that it needs. */
function rehearseNexe(order: Order, memory: WebAssembly.Memory): void {
  const { nexe, program, channels } = order;
  if (nexe === undefined) return;
  const { zrt } = buildWorld(order, {
    remainingMs: () => Number.POSITIVE_INFINITY,
    fork: () => undefined,
  });
  const code = new NexeCode({
    nexe,
    program,
    isOutlined: true,
    read: () => new Uint8Array(),
    guest: () => ({ exports: {}, imports: {}, memory }),
  });
  zrt.trapImports(() => memory, nexeSpace(nexe, code, undefined));
  boundStores(nexe, {});
  userManifestOf(nexe, channels);
}
