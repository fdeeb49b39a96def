/** How an order travels: two lengths, then its text, and the descriptors that ride on them. */
import { ZvmError } from "../../base/index.ts";
import { receiveMessage, sendMessage } from "../libc/index.ts";
import { withDescriptors } from "./arrived.ts";
import { ORDER_BYTES_MAX, type Order } from "./order.ts";
import { parseOrder } from "./parse-order.ts";

/** Bytes of text and count of descriptors, both unsigned 32-bit little-endian numbers. */
const HEADER_BYTES = 8;
/** Most orders come whole in one piece of this size. */
const PIECE_BYTES = 65_536;

/** How long a cell may take nothing of its order. */
const SEND_MS_MAX = 10_000;

/**
 * Sends an order, and copies of descriptors in the order in which it counts them.
 * @throws HostIoError when the host or the cell does not take it
 */
export function sendOrder(socket: number, text: string, fds: readonly number[]): void {
  sendMessage(socket, encodeOrderMessage(text, fds.length), fds, SEND_MS_MAX);
}

function encodeOrderMessage(text: string, descriptorCount: number): Uint8Array {
  const body = Buffer.from(text, "utf8");
  const message = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, body.length, true);
  view.setUint32(4, descriptorCount, true);
  message.set(body, HEADER_BYTES);
  return message;
}

/**
 * Waits for the order of this cell.
 * @returns undefined when whoever launched the cell found that there is nothing to run
 * @throws ZvmError ZVM_ORDER when what came is no order
 */
export function receiveOrder(socket: number): Order | undefined {
  let bytes = new Uint8Array(PIECE_BYTES);
  const fds: number[] = [];
  let filled = 0;
  let neededBytes = HEADER_BYTES;
  let descriptorCount = 0;
  while (filled < neededBytes || fds.length < descriptorCount) {
    const received = receiveMessage(socket, bytes.subarray(filled));
    if (received.sizeBytes === 0 && filled === 0) return undefined;
    if (received.sizeBytes === 0) throw new ZvmError("ZVM_ORDER", "The order ended early");
    fds.push(...received.fds);
    const knew = filled >= HEADER_BYTES;
    filled += received.sizeBytes;
    if (knew || filled < HEADER_BYTES) continue;
    const view = new DataView(bytes.buffer);
    descriptorCount = view.getUint32(4, true);
    neededBytes = HEADER_BYTES + view.getUint32(0, true);
    if (neededBytes > HEADER_BYTES + ORDER_BYTES_MAX) {
      throw new ZvmError("ZVM_ORDER", `An order of ${neededBytes} bytes`);
    }
    if (neededBytes > bytes.length) bytes = withRoom(bytes.subarray(0, filled), neededBytes);
  }
  const text = new TextDecoder("utf-8", { fatal: true }).decode(
    bytes.subarray(HEADER_BYTES, neededBytes),
  );
  return withDescriptors(parseOrder(text), fds);
}

function withRoom(bytes: Uint8Array, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(sizeBytes);
  larger.set(bytes);
  return larger;
}
