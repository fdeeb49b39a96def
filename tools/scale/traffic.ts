import type { Placed, Spot } from "../../src/zerocloud/placement/index.ts";
import { pathOfItem } from "../../src/zerocloud/plan/index.ts";
import {
  type NodeOrder,
  type OrderedItem,
  packOrder,
} from "../../src/zerocloud/swift/orders/node-order.ts";
import { ACCOUNT } from "./synthetic-job.ts";

/** A program of middling size, as a compiler makes it. */
export const PROGRAM_BYTES = 2_000_000;
/** What each node writes. */
export const OUTPUT_BYTES = 1_000;
/** Head and first part of an answer: the report of a session is some 1500 bytes. */
export const ANSWER_BYTES = 2_000;
/** A HEAD of an object, from the proxy to an object server and back. */
export const LOOK_BYTES = 1_500;
/** An output is stored so often, and comes to the coordinator once before. */
const OUTPUT_COPIES = 3 + 1;
/** Block lengths in front of a part and at its end. */
const FRAME_BYTES = 8;

const HEX = "0123456789abcdef";

/** Bytes that go over the network of a cluster for a job whose nodes run where they were placed. */
export interface Traffic {
  readonly looks: number;
  readonly orders: number;
  readonly programs: number;
  readonly answers: number;
  readonly outputs: number;
  /** Inputs of nodes that run where these do not lie. */
  readonly brought: number;
  readonly total: number;
}

/** Counts what is sent, order by order. */
export class TrafficCount {
  readonly #pushed = new Set<string>();
  #orders = 0;
  #brought = 0;
  #nodes = 0;

  /** A node whose input has so many bytes, at one of its places. */
  add(placed: Placed, spot: Spot, sizeBytes: number): void {
    this.#nodes += 1;
    const key = `${spot.host.ip}:${spot.host.port}`;
    const order = packOrder(orderOf(placed, spot, sizeBytes, this.#pushed.has(key)));
    this.#pushed.add(key);
    this.#orders += headOf(placed, spot).length + Buffer.byteLength(order) + FRAME_BYTES;
    if (!spot.isLocal) this.#brought += sizeBytes;
  }

  traffic(): Traffic {
    const parts = {
      looks: this.#nodes * LOOK_BYTES,
      orders: this.#orders,
      programs: this.#pushed.size * PROGRAM_BYTES,
      answers: this.#nodes * ANSWER_BYTES,
      outputs: this.#nodes * OUTPUT_BYTES * OUTPUT_COPIES,
      brought: this.#brought,
    };
    return { ...parts, total: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) };
  }
}

/** An order as the coordinator makes it; digests and times are stand-ins as long as real ones. */
function orderOf(
  { instance, beside }: Placed,
  { isLocal }: Spot,
  sizeBytes: number,
  isKept: boolean,
): NodeOrder {
  const { node } = instance;
  const facts = { etag: HEX.repeat(2), timestamp: "1700000000.00000", meta: {} };
  const items: OrderedItem[] = [];
  if (beside.kind === "object") {
    const stat = { ...beside.item, ...facts, sizeBytes, contentType: "text/plain" };
    items.push({ stat, from: isLocal ? "here" : "part" });
  }
  if (node.program.kind === "object") {
    const own = { sizeBytes: PROGRAM_BYTES, contentType: "application/wasm", validRules: 1 };
    const stat = { ...node.program.item, ...facts, ...own, sha256: HEX.repeat(4) };
    items.push({ stat, from: isKept ? "kept" : "part" });
  }
  return {
    version: 1,
    job: HEX.repeat(2),
    account: ACCOUNT,
    node,
    limits: {
      timeoutSeconds: 60,
      memoryBytes: 2 ** 32,
      limits: { calls: 1e9, inputBytes: 1e12, outputBytes: 1e12 },
    },
    variables: [["REMOTE_USER", "scale"]],
    items,
    brought: [],
  };
}

function headOf({ beside }: Placed, { host, partition }: Spot): string {
  const path = beside.kind === "object" ? pathOfItem(beside.item) : `/${ACCOUNT}`;
  return [
    `POST /${host.device}/${partition}${path} HTTP/1.1`,
    `Host: ${host.ip}:${host.port}`,
    "X-Backend-Zerocloud-Node: 1",
    `X-Backend-Zerocloud-Signature: 1700000000.${HEX.repeat(2)}.${HEX.repeat(4)}`,
    `X-Backend-Zerocloud-Etag: ${HEX.repeat(2)}`,
    "X-Backend-Zerocloud-Timestamp: 1700000000.00000",
    "X-Backend-Storage-Policy-Index: 0",
    "X-Backend-Zerocloud-Transaction: tx0123456789abcdef01234-0123456789",
    "Expect: 100-continue",
    "Transfer-Encoding: chunked",
    "\r\n",
  ].join("\r\n");
}
