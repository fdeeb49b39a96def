import type { Seal, Seals } from "../../../channels/index.ts";
import type { OrderPeer } from "../order/index.ts";
import { nodeSeal } from "./node-seal.ts";
import { opensslSeal } from "./openssl-seal.ts";

/** The seals of a wire whose keys an order has, of the library that is faster. */
export function sealsOf({ keys }: OrderPeer): { readonly seals?: Seals } {
  if (keys === undefined) return {};
  return { seals: { writer: sealWith(keys.writer), reader: sealWith(keys.reader) } };
}

function sealWith(keyHex: string): Seal {
  const key = Buffer.from(keyHex, "hex");
  return opensslSeal(key) ?? nodeSeal(key);
}
