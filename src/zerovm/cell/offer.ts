/** What a pool says with a cell that it hands out. */
import type { WallName } from "../walls/index.ts";
import { ORDER_VERSION } from "./order.ts";
import { parseReady } from "./ready.ts";

/** A cell of another build would not understand our orders. */
const BUILD = `${ORDER_VERSION}/${process.version}`;

export function encodeOffer(walls: readonly WallName[]): string {
  return JSON.stringify({ build: BUILD, ready: JSON.stringify({ walls }) });
}

/** @returns the walls around the cell; undefined where it is none that we can use */
export function parseOffer(text: string): readonly WallName[] | undefined {
  const offer: unknown = JSON.parse(text);
  if (typeof offer !== "object" || offer === null || !("build" in offer)) return undefined;
  if (offer.build !== BUILD || !("ready" in offer) || typeof offer.ready !== "string") {
    return undefined;
  }
  const ready = parseReady(offer.ready);
  return "walls" in ready ? ready.walls : undefined;
}
