import { closeSync } from "node:fs";

/** Which end of a wire. */
export type Side = "writer" | "reader";

/** Makes two sockets that are connected with each other. */
export type MakePair = () => readonly [number, number];

/** One end of a wire between two nodes of one worker. */
export interface PairEnd {
  /** Of the wire. */
  readonly name: string;
  readonly side: Side;
  /** The instance at the other end. */
  readonly peer: number;
}

/** An end that is to be taken. */
interface LeftEnd {
  readonly fd: number;
  readonly side: Side;
  /** Whose it is. */
  readonly instance: number;
}

/**
 * Wires of one set between nodes of one worker: whoever comes first makes the pair, and leaves the
 * other end here for the other.
 */
export class LocalPairs {
  readonly #make: MakePair;
  /** By the name of the wire; undefined where it was taken. */
  readonly #left = new Map<string, LeftEnd | undefined>();
  /** Instances that take nothing any more. */
  readonly #gone = new Set<number>();

  constructor(make: MakePair) {
    this.#make = make;
  }

  /** @returns the end for whoever asks, who closes it; undefined where it was taken before */
  take({ name, side, peer }: PairEnd): number | undefined {
    if (this.#left.has(name)) {
      const left = this.#left.get(name);
      if (left?.side !== side) return undefined;
      this.#left.set(name, undefined);
      return left.fd;
    }
    const [own, fd] = this.#make();
    const isGone = this.#gone.has(peer);
    // Whoever writes to somebody that is gone finds that out.
    if (isGone) closeSync(fd);
    const left = { fd, side: side === "writer" ? "reader" : "writer", instance: peer } as const;
    this.#left.set(name, isGone ? undefined : left);
    return own;
  }

  /** An instance will take its ends, also where it had left. */
  come(instance: number): void {
    this.#gone.delete(instance);
  }

  /** An instance takes nothing any more: those at the other ends lose it. */
  leave(instance: number): void {
    this.#gone.add(instance);
    for (const [name, left] of this.#left) if (left?.instance === instance) this.#close(name, left);
  }

  /** Closes what nobody took. */
  close(): void {
    for (const [name, left] of this.#left) if (left !== undefined) this.#close(name, left);
  }

  #close(name: string, { fd }: LeftEnd): void {
    closeSync(fd);
    this.#left.set(name, undefined);
  }
}
