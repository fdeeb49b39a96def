import { closeSync } from "node:fs";
import { byteStringOfText } from "../../base/index.ts";
import type { OrderSource } from "../cell/index.ts";
import type { Handovers } from "./handovers.ts";
import type { SessionRequest, WireEnd } from "./request.ts";

/** The ends of wires that came with a request, until they go to its cell: ours to close. */
export class HeldWires {
  #fds: number[];

  constructor({ substitutes = new Map() }: SessionRequest) {
    this.#fds = [...substitutes.values()].flatMap((it) => {
      return it.kind === "wires" ? it.ends.map(({ fd }: WireEnd) => fd) : [];
    });
  }

  /** From now on they are closed with everything else that goes to the cell. */
  handTo(handovers: Handovers): void {
    for (const fd of this.#fds) handovers.own(fd);
    this.#fds = [];
  }

  /** The session never came so far: whoever is at their other ends sees it. */
  close(): void {
    for (const fd of this.#fds) closeSync(fd);
    this.#fds = [];
  }
}

/** A wire as an order names it. */
export function describeWire({ name, checked, keys }: WireEnd, fd: number): OrderSource {
  const sum = checked === true ? ({ checked } as const) : {};
  const peer = { kind: "peer", fd, name: byteStringOfText(name), ...sum } as const;
  if (keys === undefined) return peer;
  return { ...peer, keys: { writer: hexOf(keys.writer), reader: hexOf(keys.reader) } };
}

function hexOf(key: Uint8Array): string {
  return Buffer.from(key).toString("hex");
}
