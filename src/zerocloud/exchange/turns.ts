import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The requests of one connection. */
interface Queue {
  isBusy: boolean;
  /** Begin the requests that wait, in their order. */
  readonly waiting: (() => void)[];
}

/**
 * Lets the requests of one connection come one after another, whatever a client sends ahead: their
 * answers go out in that order anyway, and work on many at a time would be a way around the limit
 * of connections.
 */
export class Turns {
  readonly #queues = new WeakMap<Socket, Queue>();
  readonly #waitingMax: number;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /**
   * Waits for the answers to the requests before this one.
   * @returns whether anybody still waits for an answer; a connection with too many requests ends
   */
  async wait(socket: Socket, response: ServerResponse): Promise<boolean> {
    const queue = this.#queues.get(socket) ?? this.#newQueue(socket);
    response.on("close", () => {
      queue.isBusy = false;
      queue.waiting.shift()?.();
    });
    if (queue.waiting.length >= this.#waitingMax) socket.destroy();
    if (queue.isBusy) await new Promise<void>((begin) => queue.waiting.push(begin));
    queue.isBusy = true;
    return !socket.destroyed;
  }

  /** Waits for the answers to all requests of a connection that came so far. */
  async end(socket: Socket): Promise<void> {
    const queue = this.#queues.get(socket);
    if (queue?.isBusy) await new Promise<void>((begin) => queue.waiting.push(begin));
  }

  #newQueue(socket: Socket): Queue {
    const queue: Queue = { isBusy: false, waiting: [] };
    this.#queues.set(socket, queue);
    socket.on("close", () => {
      for (const begin of queue.waiting.splice(0)) begin();
    });
    return queue;
  }
}
