import { LIMIT_TABLE, type LimitName, type Limits } from "../../../base/index.ts";
import type { JsonReader } from "./json-reader.ts";
import type { Order, OrderFileSpan, OrderNexe, OrderRange, RegionAccess } from "./order.ts";

const COUNT_MAX = 2 ** 20;
const U63_MAX = 2n ** 63n - 1n;
const U64_MAX = 2n ** 64n - 1n;

type Start = Pick<Order, "fuel" | "nexe" | "prepares" | "precache" | "freezes" | "frozen">;

/** What the guest of an order begins with and where, and whether it waits or is frozen there. */
export function readStart(order: JsonReader): Start {
  const freezes = order.optional("freezes")?.only(["fd", "values", "tables"]);
  const frozen = order.optional("frozen")?.only(["clockNs", "entropyBytes"]);
  const fuel = order.optional("fuel")?.decimal(U63_MAX);
  return {
    ...(fuel !== undefined && { fuel }),
    ...readNexe(order.optional("nexe")),
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

export function readLimits(limits: JsonReader): Limits {
  const names = Object.keys(LIMIT_TABLE) as LimitName[];
  limits.only(names);
  const entries = names.map((name) => {
    const field = limits.field(name);
    const { maximum } = LIMIT_TABLE[name];
    // Of a second there are parts.
    const value = name === "time" ? field.measure(maximum) : field.integer(0, maximum);
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as Limits;
}

const GUEST_BYTES = 2 ** 32;
const REGIONS_MAX = 64;
const FILE_BYTES_MAX = 2 ** 30;
const POLICIES = ["zerovm", "nacl"] as const;
const ACCESSES: readonly RegionAccess[] = ["none", "r", "rx", "rw"];

export function readNexe(nexe: JsonReader | undefined): Pick<Order, "nexe"> {
  if (nexe === undefined) return {};
  nexe.only(["policy", "regions", "heap", "code", "hashed", "further"]);
  let from = 0;
  const regions = nexe
    .field("regions")
    .list(REGIONS_MAX)
    .map((region) => {
      region.only(["end", "access"]);
      const end = region.field("end").integer(from + 1, GUEST_BYTES);
      from = end;
      return { end, access: region.field("access").oneOf(ACCESSES) };
    });
  if (from !== GUEST_BYTES) nexe.fail("has regions that do not reach to the end");
  return {
    nexe: {
      policy: nexe.field("policy").oneOf(POLICIES),
      regions,
      heap: readRange(nexe.field("heap")),
      code: readRange(nexe.field("code")),
      hashed: nexe.field("hashed").list(REGIONS_MAX).map(readRange),
      ...readFurther(nexe.optional("further")),
    },
  };
}

function readFurther(further: JsonReader | undefined): Pick<OrderNexe, "further"> {
  if (further === undefined) return {};
  further.only(["program", "strictMemory", "translator"]);
  const translator = further.optional("translator");
  return {
    further: {
      program: readSpan(further.field("program")),
      ...(further.optional("strictMemory")?.boolean() === true && { strictMemory: true }),
      ...(translator !== undefined && { translator: readSpan(translator) }),
    },
  };
}

export function readSpan(span: JsonReader): OrderFileSpan {
  span.only(["fd", "sizeBytes"]);
  return {
    fd: span.field("fd").integer(0, COUNT_MAX),
    sizeBytes: span.field("sizeBytes").integer(0, FILE_BYTES_MAX),
  };
}

function readRange(range: JsonReader): OrderRange {
  range.only(["start", "end"]);
  const start = range.field("start").integer(0, GUEST_BYTES);
  return { start, end: range.field("end").integer(start, GUEST_BYTES) };
}
