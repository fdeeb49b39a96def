import {
  countOf,
  eitherOf,
  type Form,
  judgeValue,
  listOf,
  optional,
  partOf,
  scalar,
  TEXT,
  tableOf,
  wordOf,
} from "../../../base/index.ts";
import type { Variable } from "../../cgi/index.ts";
import type { PlannedNode } from "../../plan/index.ts";
import type { JobRequest } from "../../run/index.ts";
import type { ItemStat } from "../../storage/index.ts";
import { type OrderedSeat, SEAT_FORM } from "./node-wires.ts";
import { wireError } from "./parts.ts";

/** All that a worker is told of one session; what lies elsewhere follows as parts. */
export interface NodeOrder {
  readonly version: 1;
  /** Id of the job, and whose turn it is where others wait. */
  readonly job: string;
  readonly account: string;
  readonly node: PlannedNode;
  readonly limits: OrderLimits;
  /** What the program learns of the request. */
  readonly variables: readonly Variable[];
  /** What the node reads, its program included. */
  readonly items: readonly OrderedItem[];
  /** Bytes that came with the job, a part each, behind those of the items. */
  readonly brought: readonly Brought[];
  /** Of a node with connections: its place, and its wires. */
  readonly seat?: OrderedSeat;
}

/** The tar image of a job, or the data of its request. */
export type Brought = "image" | "body";

export type OrderLimits = Required<
  Pick<JobRequest, "timeoutSeconds" | "memoryBytes" | "limits">
> & { readonly fuel?: number };

/** An object, or the listing of a container. */
export interface OrderedItem {
  readonly stat: ItemStat;
  /**
   * `here`: the worker has its descriptor from the object server; `part`: its bytes follow;
   * `kept`: the worker may have it from an earlier session, known by its SHA-256.
   */
  readonly from: "here" | "part" | "kept";
}

/** The most that an order has. */
export const ORDER_BYTES_MAX = 16 * 2 ** 20;

export function packOrder(order: NodeOrder): string {
  return JSON.stringify(order);
}

/** @throws ZvmError ZVM_SWIFT_WIRE where it is no order */
export function unpackOrder(text: string): NodeOrder {
  try {
    const value: unknown = JSON.parse(text);
    judgeValue("unpackOrder", value, ORDER);
    return value as NodeOrder;
  } catch (cause) {
    throw wireError("the first part is no order", cause);
  }
}

const NUMBER: Form = scalar("a number", (value) => typeof value === "number");
const SIZE = countOf("bytes", 0, Number.MAX_SAFE_INTEGER);
const TABLE = tableOf(() => true, TEXT, "an object of text");

const ITEM = partOf<{ account: string; container: string; object: string | undefined }>({
  account: TEXT,
  container: TEXT,
  object: optional(TEXT),
});

const STAT: Form = (value, place) => {
  ITEM(value, place);
  STAT_FACTS(value, place);
};

const STAT_FACTS = partOf<Omit<ItemStat, "account" | "container" | "object" | "notInPlace">>({
  sizeBytes: SIZE,
  etag: TEXT,
  contentType: TEXT,
  timestamp: TEXT,
  meta: TABLE,
  sha256: optional(scalar("a SHA-256", (value) => /^[0-9a-f]{64}$/.test(String(value)))),
  validRules: optional(NUMBER),
});

const CHANNEL = partOf<{ device: string; type: number; mode: string; kind: string; item: unknown }>(
  {
    device: TEXT,
    type: wordOf([0, 3]),
    mode: TEXT,
    kind: wordOf(["input", "body", "stored", "response", "system-image", "posted-image"]),
    item: optional(ITEM),
  },
);

const NODE = partOf<
  Omit<PlannedNode, "captures" | "transfers" | "pool" | "location" | "attach"> & { group: string }
>({
  id: countOf("numbers", 1, 2 ** 31),
  name: TEXT,
  group: TEXT,
  program: eitherOf("kind", {
    object: partOf<{ item: unknown; url: string }>({ item: ITEM, url: TEXT }),
    "image-file": partOf<{ image: string; path: string; url: string }>({
      image: TEXT,
      path: TEXT,
      url: TEXT,
    }),
  }),
  programName: TEXT,
  args: TEXT,
  env: TABLE,
  channels: listOf(CHANNEL),
  attachment: optional(
    partOf<{ device: string; item: unknown; access: string }>({
      device: TEXT,
      item: ITEM,
      access: wordOf(["read", "write"]),
    }),
  ),
  instances: listOf(NUMBER),
});

const ORDER = partOf<NodeOrder & { seat: OrderedSeat | undefined }>({
  version: wordOf([1]),
  job: TEXT,
  account: TEXT,
  node: NODE,
  limits: partOf<OrderLimits & { fuel: number | undefined }>({
    timeoutSeconds: scalar("seconds", (value) => typeof value === "number" && value > 0),
    memoryBytes: SIZE,
    fuel: optional(SIZE),
    limits: partOf<OrderLimits["limits"]>({ calls: SIZE, inputBytes: SIZE, outputBytes: SIZE }),
  }),
  variables: listOf(listOf(TEXT)),
  items: listOf(partOf<OrderedItem>({ stat: STAT, from: wordOf(["here", "part", "kept"]) })),
  brought: listOf(wordOf(["image", "body"])),
  seat: optional(SEAT_FORM),
});
