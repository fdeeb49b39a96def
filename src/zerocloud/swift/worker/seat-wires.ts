import { setMaxListeners } from "node:events";
import { closeSync } from "node:fs";
import type { WireEnd } from "../../../zerovm/session/index.ts";
import type { NodeEnd } from "../../plan/index.ts";
import type { NodeWires } from "../../run/index.ts";
import { endsOf, type OrderedWire } from "../orders/index.ts";
import type { SetWire } from "./incoming.ts";
import type { Seat } from "./seats.ts";

/** Connects to the door of another worker; tries again until the signal says otherwise. */
export type Reach = (aim: {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly key: Uint8Array;
  readonly signal: AbortSignal;
  /** Told why the wire is not there yet. */
  readonly onRetry?: (reason: string) => void;
}) => Promise<SetWire>;

/** A node of a set lost another one before it began. */
export class PeerLost extends Error {}

const MS = 1000;
/** Tenants learn no addresses: those are in the cause, for the log. */
const LOST = "its wire did not come about";

export interface SeatWiresParts {
  readonly seat: Seat;
  readonly wires: readonly OrderedWire[];
  readonly reach: Reach;
  /** For all of them to be there. */
  readonly timeoutMs: number;
}

/** The wires of a node of a connected set, wherever the others are. */
export class SeatWires implements NodeWires {
  readonly ends: readonly NodeEnd[];
  readonly #parts: SeatWiresParts;

  constructor(parts: SeatWiresParts) {
    this.#parts = parts;
    this.ends = endsOf(parts.wires);
  }

  /**
   * Has all of them connected.
   * @throws PeerLost naming the other node of one that does not come; the reason of the signal
   */
  async take(signal: AbortSignal): Promise<ReadonlyMap<string, readonly WireEnd[]>> {
    const { wires, timeoutMs } = this.#parts;
    const late = AbortSignal.timeout(timeoutMs);
    // One that fails ends the waiting for the others.
    const failing = new AbortController();
    const ending = AbortSignal.any([signal, late, failing.signal]);
    // Each of them listens, however many there are.
    setMaxListeners(0, ending);
    let failure: PeerLost | undefined;
    const connecting = wires.map(async (wire) => {
      try {
        return await this.#connect(wire, ending);
      } catch (cause) {
        const why = late.aborted ? `it did not come within ${timeoutMs / MS} s` : LOST;
        failure ??= new PeerLost(`${wire.peerName}: ${why}`, { cause });
        failing.abort();
        return undefined;
      }
    });
    const byDevice = new Map<string, WireEnd[]>();
    for (const [at, end] of (await Promise.all(connecting)).entries()) {
      const { device = "" } = wires[at] ?? {};
      if (end !== undefined) byDevice.set(device, [...(byDevice.get(device) ?? []), end]);
    }
    if (failure === undefined) return byDevice;
    for (const { fd } of [...byDevice.values()].flat()) closeSync(fd);
    signal.throwIfAborted();
    throw failure;
  }

  async #connect(wire: OrderedWire, signal: AbortSignal): Promise<WireEnd> {
    const { name, at, way, peer, peerName } = wire;
    const { pairs, incoming } = this.#parts.seat;
    if (at === "local") {
      // Nobody else may come for it any more.
      incoming.forget(name);
      const fd = pairs.take({ name, side: way === "out" ? "writer" : "reader", peer });
      if (fd === undefined) throw new Error(`${name} was taken before`);
      return { fd, name: peerName };
    }
    const { fd, keys } = await (at === "door"
      ? this.#come(name, signal)
      : this.#go(name, at, signal));
    return { fd, name: peerName, ...(keys !== undefined && { keys }) };
  }

  /** Waits for a writer of another host. */
  async #come(name: string, signal: AbortSignal): Promise<SetWire> {
    const { incoming } = this.#parts.seat;
    const stop = (): void => incoming.forget(name);
    signal.addEventListener("abort", stop, { once: true });
    try {
      signal.throwIfAborted();
      const wire = await incoming.take(name);
      if (wire === undefined) throw new Error(`nobody waits for ${name}`);
      return wire;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Goes to the door of a reader. */
  async #go(
    name: string,
    at: { readonly host: string; readonly port: number },
    signal: AbortSignal,
  ): Promise<SetWire> {
    const { reach, seat } = this.#parts;
    const key = Buffer.from(seat.hold.key, "hex");
    let last = "";
    const onRetry = (reason: string): void => {
      last = reason;
    };
    try {
      return await reach({ ...at, name, key, signal, onRetry });
    } catch (cause) {
      const why = last === "" && cause instanceof Error ? cause.message : last;
      throw new Error(`${name} to ${at.host}:${at.port}: ${why}`, { cause });
    }
  }
}
