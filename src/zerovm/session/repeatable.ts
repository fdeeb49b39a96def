import { closeSync, fstatSync } from "node:fs";
import { ZvmError } from "../../base/index.ts";
import { type Cell, type Order, type OrderSource, renumbered } from "../cell/index.ts";
import { hostFd, NO_CHANNELS, repeatedOrder, wholeSpan } from "./again.ts";
import { converse, type Talk } from "./converse.ts";
import { Handovers } from "./handovers.ts";
import { readOnlyCopy } from "./read-only.ts";
import { scratchFile } from "./scratch-file.ts";

/**
 * A preparation that is done again in further cells, each of which then is as the first one was:
 * what the first took in comes from what was kept of it, files that nobody in it writes from the
 * files themselves, and what a guest writes before its point goes nowhere.
 */
export class Repeatable {
  /** The first run, which keeps what it takes in. */
  readonly talk: Talk;
  readonly #intake = scratchFile(new Uint8Array(0));
  readonly #held = new Map<number, Held>();
  readonly #order: Order;
  #isClosed = false;

  /** @throws the error of the host when it has no descriptors left; none is kept then */
  constructor(talk: Talk) {
    try {
      this.#order = this.#kept(talk);
    } catch (error) {
      this.close();
      throw error;
    }
    const { order, handovers } = talk;
    const recording = {
      fd: handovers.give(this.#intake),
      bytesMax: order.limits.record,
      files: false,
    };
    this.talk = { ...talk, order: { ...order, recording } };
  }

  /** Descriptors of the first run are gone when the next one needs them. */
  #kept(talk: Talk): Order {
    const repeated = repeatedOrder(talk.order, isKnown);
    return renumbered(repeated, (fd) => this.#hold(hostFd(talk, fd)));
  }

  /**
   * Prepares another cell.
   * @throws ZvmError ZVM_POOL when the guest does not come to its point again, for example because
   *   a file that it read is another one now
   */
  async prepare(cell: Cell, signal?: AbortSignal): Promise<void> {
    this.#judgeFiles();
    const intake = readOnlyCopy(this.#intake);
    const handovers = new Handovers();
    handovers.own(intake);
    try {
      const mine = { ...this.#order, replay: wholeSpan(intake) };
      const order = renumbered(mine, (fd) => handovers.give(fd));
      const { isolation } = this.talk;
      const opener = NO_CHANNELS;
      const said = await converse({
        order,
        handovers,
        opener,
        signal,
        isolation,
        cell,
        ...NO_POOL,
      });
      if (said.waits !== true) throw new ZvmError("ZVM_POOL", NOT_AGAIN);
      cell.prepared = { channels: order.channels };
    } finally {
      handovers.release();
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { fd } of this.#held.values()) closeSync(fd);
    this.#held.clear();
    closeSync(this.#intake);
  }

  #hold(fd: number): number {
    let held = this.#held.get(fd);
    if (held === undefined) {
      held = { fd: readOnlyCopy(fd), state: stateOf(fd) };
      this.#held.set(fd, held);
    }
    return held.fd;
  }

  #judgeFiles(): void {
    for (const { fd, state } of this.#held.values()) {
      if (stateOf(fd) !== state) throw new ZvmError("ZVM_POOL", CHANGED);
    }
  }
}

interface Held {
  readonly fd: number;
  readonly state: string;
}

const NO_POOL = { pool: undefined } as const;
const NOT_AGAIN = "The program did not come to its point again";
const CHANGED = "A file that the program was prepared with has been changed";

/** Nothing in the session writes it: it can be read again. */
function isKnown(source: OrderSource): boolean {
  return source.kind === "file" && source.readAhead;
}

function stateOf(fd: number): string {
  const { size, mtimeNs } = fstatSync(fd, { bigint: true });
  return `${size} ${mtimeNs}`;
}
