/** What a pool says with a cell that it hands out. */
import type { WallName } from "../../walls/index.ts";
import { JsonReader, ORDER_VERSION, parseReady } from "../order/index.ts";
import type { CompiledModule } from "./launched-cell.ts";

/** A cell of another build would not understand our orders. */
const BUILD = `${ORDER_VERSION}/${process.version}`;
const TEXT_MAX = 4096;

/** What waits in the cell; the file of what it compiled comes as a further descriptor. */
export interface Offer {
  readonly walls: readonly WallName[];
  readonly compiled?: Omit<CompiledModule, "fd">;
  /** The identity of the guest that waits in it at its point. */
  readonly guest?: string;
}

export function encodeOffer({ walls, compiled, guest }: Offer): string {
  const { key, sizeBytes } = compiled ?? {};
  return JSON.stringify({
    build: BUILD,
    ready: JSON.stringify({ walls }),
    ...(compiled !== undefined && { compiled: { key, sizeBytes } }),
    ...(guest !== undefined && { guest }),
  });
}

/**
 * @returns undefined where it is a cell that we cannot use
 * @throws ZvmError ZVM_ORDER when it is no offer
 */
export function parseOffer(text: string): Offer | undefined {
  const offer = JsonReader.parse(text, "offer");
  if (offer.field("build").text(TEXT_MAX) !== BUILD) return undefined;
  const ready = parseReady(offer.field("ready").text(TEXT_MAX));
  if (!("walls" in ready)) return undefined;
  const guest = offer.optional("guest")?.text(TEXT_MAX);
  const waiting = guest === undefined ? ready : { ...ready, guest };
  const compiled = offer.optional("compiled");
  if (compiled === undefined) return waiting;
  const key = compiled.field("key").text(TEXT_MAX);
  const sizeBytes = compiled.field("sizeBytes").integer(0, Number.MAX_SAFE_INTEGER);
  return { ...waiting, compiled: { key, sizeBytes } };
}
