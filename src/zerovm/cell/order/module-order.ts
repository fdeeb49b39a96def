import type { Limits } from "../../../base/index.ts";
import type { JsonReader } from "./json-reader.ts";
import { FIRST_CELL_FD, ORDER_VERSION, type OrderFileSpan, type OrderNexe } from "./order.ts";
import { readLimits, readNexe, readSpan } from "./parse-start.ts";

/**
 * What comes before the order of a session whose program is known: what to compile for it, and
 * what the sessions will be like that are expected.
 */
export interface ModuleOrder {
  readonly version: typeof ORDER_VERSION;
  readonly module: OrderFileSpan;
  /** The session may have others. */
  readonly limits: Limits;
  /** As in the order; where the program finds its memory may depend on the channels. */
  readonly nexe?: OrderNexe;
}

/** Writes down what is to be compiled before there is an order; the file of it comes first. */
export function encodeModuleOrder(
  sizeBytes: number,
  expected: Pick<ModuleOrder, "limits" | "nexe">,
): string {
  const module = { fd: FIRST_CELL_FD, sizeBytes };
  return JSON.stringify({ version: ORDER_VERSION, module, ...expected } satisfies ModuleOrder);
}

/** @throws ZvmError ZVM_ORDER naming the first field that is not as it must be */
export function readModuleOrder(order: JsonReader): ModuleOrder {
  order.only(["version", "module", "limits", "nexe"]).field("version").oneOf([ORDER_VERSION]);
  return {
    version: ORDER_VERSION,
    module: readSpan(order.field("module")),
    limits: readLimits(order.field("limits")),
    ...readNexe(order.optional("nexe")),
  };
}
