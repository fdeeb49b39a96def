import type { JsonReader } from "./json-reader.ts";
import type { Order } from "./order.ts";

const COUNT_MAX = 2 ** 20;
const U63_MAX = 2n ** 63n - 1n;
const U64_MAX = 2n ** 64n - 1n;

type Start = Pick<Order, "fuel" | "prepares" | "precache" | "freezes" | "frozen">;

/** What the guest of an order begins with and where, and whether it waits or is frozen there. */
export function readStart(order: JsonReader): Start {
  const freezes = order.optional("freezes")?.only(["fd", "values", "tables"]);
  const frozen = order.optional("frozen")?.only(["clockNs", "entropyBytes"]);
  const fuel = order.optional("fuel")?.decimal(U63_MAX);
  return {
    ...(fuel !== undefined && { fuel }),
    ...(order.optional("prepares")?.boolean() === true ? { prepares: true } : {}),
    ...(order.optional("precache")?.boolean() === true ? { precache: true } : {}),
    ...(freezes !== undefined && {
      freezes: {
        fd: freezes.field("fd").integer(0, COUNT_MAX),
        values: freezes.field("values").integer(0, COUNT_MAX),
        tables: freezes.field("tables").integer(0, COUNT_MAX),
      },
    }),
    ...(frozen !== undefined && {
      frozen: {
        clockNs: frozen.field("clockNs").decimal(U64_MAX),
        entropyBytes: frozen.field("entropyBytes").decimal(U64_MAX),
      },
    }),
  };
}
