import { closeSync, rmSync } from "node:fs";
import { listenAt } from "../libc/index.ts";

/**
 * The socket to which commands come. It is there while a host waits for the next of them: whoever
 * comes in vain finds none, or has its connection closed with it.
 */
export class Door {
  readonly #path: string;
  #socket: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns the socket, which listens @throws HostIoError when nobody can listen there */
  open(): number {
    if (this.#socket !== undefined) return this.#socket;
    // What is there was left behind by a pool that was killed: who has its socket has this one.
    this.#socket = listenAt(this.#path);
    return this.#socket;
  }

  close(): void {
    if (this.#socket === undefined) return;
    closeSync(this.#socket);
    this.#socket = undefined;
    rmSync(this.#path, { force: true });
  }
}
