/**
 * How an order travels: three lengths, its text, then a frame for each block that follows it. The
 * descriptors ride on its bytes.
 */
import { ZvmError } from "../../../base/index.ts";
import { receiveMessage, sendMessage } from "../../libc/index.ts";
import { withDescriptors, withModule } from "./arrived.ts";
import { encodeFrame, FRAME_HEADER_BYTES } from "./frame.ts";
import { MEMBERS_BYTES_MAX } from "./members-block.ts";
import type { ModuleOrder } from "./module-order.ts";
import { ORDER_BYTES_MAX, type Order } from "./order.ts";
import { parseFirstOrder, parseOrder } from "./parse-order.ts";

export interface OrderMessage {
  readonly text: string;
  readonly blocks: readonly Uint8Array[];
  /** Descriptors in the order in which the text counts them. */
  readonly fds: readonly number[];
}

/** Bytes of text, count of descriptors, bytes of blocks: unsigned 32-bit little-endian numbers. */
const HEADER_BYTES = 12;
/** Most orders come whole in one piece of this size. */
const PIECE_BYTES = 16_384;
/** How long a cell may take nothing of its order. */
const SEND_MS_MAX = 10_000;

/**
 * Sends an order, and copies of its descriptors.
 * @throws HostIoError when the host or the cell does not take it
 */
export function sendOrder(socket: number, { text, blocks, fds }: OrderMessage): void {
  const body = Buffer.from(text, "utf8");
  const frames = blocks.map((block) => encodeFrame(block));
  const blockBytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, body.length, true);
  view.setUint32(4, fds.length, true);
  view.setUint32(8, blockBytes, true);
  sendMessage(socket, Buffer.concat([header, body, ...frames]), fds, SEND_MS_MAX);
}

/** The bytes of a message as far as they are there. */
interface Arrival {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly textBytes: number;
  readonly fds: readonly number[];
}

/**
 * Waits for the order of this cell.
 * @returns undefined when whoever launched the cell found that there is nothing to run
 * @throws ZvmError ZVM_ORDER when what came is no order
 */
export function receiveOrder(socket: number): Order | undefined {
  return receive(socket, (text, nextBlock, fds) => {
    return withDescriptors(parseOrder(text, nextBlock), fds);
  });
}

/**
 * As `receiveOrder`, for a cell that may first be told what to compile.
 */
export function receiveFirstOrder(socket: number): Order | ModuleOrder | undefined {
  return receive(socket, (text, nextBlock, fds) => {
    const order = parseFirstOrder(text, nextBlock);
    return "module" in order ? withModule(order, fds) : withDescriptors(order, fds);
  });
}

type NextBlock = () => Uint8Array<ArrayBuffer>;

function receive<Kind>(
  socket: number,
  parse: (text: string, nextBlock: NextBlock, fds: readonly number[]) => Kind,
): Kind | undefined {
  const arrival = receiveAll(socket);
  if (arrival === undefined) return undefined;
  const { bytes, textBytes, fds } = arrival;
  let at = HEADER_BYTES + textBytes;
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(HEADER_BYTES, at));
  const nextBlock: NextBlock = () => {
    const start = at + FRAME_HEADER_BYTES;
    if (start > bytes.length) throw new ZvmError("ZVM_ORDER", "A block of the order is missing");
    at = start + new DataView(bytes.buffer).getUint32(at, true);
    if (at > bytes.length) throw new ZvmError("ZVM_ORDER", "A block of the order is cut off");
    return bytes.slice(start, at);
  };
  return parse(text, nextBlock, fds);
}

function receiveAll(socket: number): Arrival | undefined {
  let bytes = new Uint8Array(PIECE_BYTES);
  const fds: number[] = [];
  let filled = 0;
  let head: { textBytes: number; fdCount: number; sizeBytes: number } | undefined;
  while (head === undefined || filled < head.sizeBytes || fds.length < head.fdCount) {
    const received = receiveMessage(socket, bytes.subarray(filled));
    if (received.sizeBytes === 0 && filled === 0) return undefined;
    if (received.sizeBytes === 0) throw new ZvmError("ZVM_ORDER", "The order ended early");
    fds.push(...received.fds);
    filled += received.sizeBytes;
    if (head !== undefined || filled < HEADER_BYTES) continue;
    head = readHead(bytes);
    if (head.sizeBytes > bytes.length) bytes = withRoom(bytes.subarray(0, filled), head.sizeBytes);
  }
  return { bytes: bytes.subarray(0, head.sizeBytes), textBytes: head.textBytes, fds };
}

function readHead(bytes: Uint8Array<ArrayBuffer>): {
  textBytes: number;
  fdCount: number;
  sizeBytes: number;
} {
  const view = new DataView(bytes.buffer);
  const textBytes = view.getUint32(0, true);
  const blockBytes = view.getUint32(8, true);
  if (textBytes > ORDER_BYTES_MAX || blockBytes > MEMBERS_BYTES_MAX) {
    throw new ZvmError("ZVM_ORDER", `An order of ${textBytes} and ${blockBytes} bytes`);
  }
  const sizeBytes = HEADER_BYTES + textBytes + blockBytes;
  return { textBytes, fdCount: view.getUint32(4, true), sizeBytes };
}

function withRoom(bytes: Uint8Array, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(sizeBytes);
  larger.set(bytes);
  return larger;
}
