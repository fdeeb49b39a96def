import type { Wire } from "./wire.ts";

/** Both directions of a connection of tests: what is sent may come in pieces of any size. */
export class FakeConnection {
  readonly sent: number[] = [];
  readonly back: number[] = [];
  pieceBytes = Number.POSITIVE_INFINITY;
  /** How much is taken of what is offered. */
  roomBytes = Number.POSITIVE_INFINITY;

  get writing(): Wire {
    return this.#end(this.sent, this.back);
  }

  get reading(): Wire {
    return this.#end(this.back, this.sent);
  }

  #end(out: number[], into: number[]): Wire {
    const receive: Wire["receive"] = (memory, start, size) => {
      const bytes = into.splice(0, Math.min(size, this.pieceBytes));
      memory.set(bytes, start);
      return bytes.length;
    };
    const send: Wire["send"] = (memory, start, size) => {
      for (const byte of memory.subarray(start, start + size)) out.push(byte);
    };
    const glance: Wire["glance"] = (...args) => (into.length > 0 ? receive(...args) : undefined);
    const offer: Wire["offer"] = (bytes) => {
      const taken = Math.min(bytes.length, this.roomBytes);
      send(bytes, 0, taken);
      return taken;
    };
    return { receive, send, glance, offer };
  }
}
