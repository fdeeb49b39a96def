/**
 * The datagrams of the original's name server: numbers are big-endian, and an answer is as long as
 * its request.
 *
 * | offset | bytes | request | answer |
 * | --- | --- | --- | --- |
 * | 0 | 4 | number of the node | the same |
 * | 4 | 4 | B, bind records | the same |
 * | 8 | 4 | C, connect records | the same |
 * | 12 | 6·B | peer (4), bound port (2) | the same |
 * | 12 + 6·B | 6·C | peer (4), zero (2) | its IPv4 address (4), port (2) |
 */

/** What a node tells: where it waits for whom, and whom it looks for. */
export interface NameRequest {
  readonly node: number;
  readonly binds: readonly NameBind[];
  readonly connects: readonly NameConnect[];
}

/** The port at which a node waits for one peer. */
export interface NameBind {
  readonly peer: number;
  readonly port: number;
}

/** A peer that waits for this node, somewhere. */
export interface NameConnect {
  readonly peer: number;
}

/** Where a peer waits: a dotted IPv4 address and a port. */
export interface NamedPlace {
  readonly address: string;
  readonly port: number;
}

/** The place of a peer that is not known. */
export const NOWHERE: NamedPlace = { address: "0.0.0.0", port: 0 };

const HEAD_BYTES = 12;
const RECORD_BYTES = 6;
/** The largest payload of UDP over IPv4. */
const PACKET_BYTES_MAX = 65_507;

/** Records of one packet, of both kinds together; UDP has no room for more. */
export const NAME_RECORDS_MAX = Math.floor((PACKET_BYTES_MAX - HEAD_BYTES) / RECORD_BYTES);

/** The largest number of a node. */
export const NODE_MAX = 2 ** 31 - 1;

/** A request as it is sent. The caller has judged the numbers and how many records there are. */
export function encodeRequest({ node, binds, connects }: NameRequest): Buffer {
  const bytes = Buffer.alloc(sizeOf(binds.length, connects.length));
  writeHead(bytes, node, binds.length, connects.length);
  let at = writeBinds(bytes, binds);
  for (const { peer } of connects) {
    bytes.writeUInt32BE(peer, at);
    at += RECORD_BYTES;
  }
  return bytes;
}

/** The answer to a request, with one place for each of its connect records. */
export function encodeAnswer(request: NameRequest, places: readonly NamedPlace[]): Buffer {
  const { node, binds } = request;
  const bytes = Buffer.alloc(sizeOf(binds.length, places.length));
  writeHead(bytes, node, binds.length, places.length);
  let at = writeBinds(bytes, binds);
  for (const { address, port } of places) {
    bytes.set(address.split(".").map(Number), at);
    bytes.writeUInt16BE(port, at + 4);
    at += RECORD_BYTES;
  }
  return bytes;
}

/**
 * Reads a request of anybody.
 * @returns what is wrong with it, where something is
 */
export function decodeRequest(bytes: Uint8Array): NameRequest | string {
  const view = viewOf(bytes);
  const head = readHead(view);
  if (typeof head === "string") return head;
  if (head.node < 1 || head.node > NODE_MAX) return `node ${head.node} is not 1 to ${NODE_MAX}`;
  const connects = Array.from({ length: head.connectCount }, (_, index) => ({
    peer: view.getUint32(offsetOf(head.bindCount + index)),
  }));
  return { node: head.node, binds: readBinds(view, head.bindCount), connects };
}

/** An answer as it came. Who asked compares it with its request. */
export interface NameAnswer {
  readonly node: number;
  readonly binds: readonly NameBind[];
  readonly places: readonly NamedPlace[];
}

/**
 * Reads an answer of anybody.
 * @returns what is wrong with it, where something is
 */
export function decodeAnswer(bytes: Uint8Array): NameAnswer | string {
  const view = viewOf(bytes);
  const head = readHead(view);
  if (typeof head === "string") return head;
  const places = Array.from({ length: head.connectCount }, (_, index) => {
    const at = offsetOf(head.bindCount + index);
    return { address: bytes.subarray(at, at + 4).join("."), port: view.getUint16(at + 4) };
  });
  return { node: head.node, binds: readBinds(view, head.bindCount), places };
}

interface Head {
  readonly node: number;
  readonly bindCount: number;
  readonly connectCount: number;
}

/** Counts are compared with the length before anything is made of them. */
function readHead(view: DataView): Head | string {
  if (view.byteLength < HEAD_BYTES) return `${view.byteLength} bytes are less than a head`;
  const head = {
    node: view.getUint32(0),
    bindCount: view.getUint32(4),
    connectCount: view.getUint32(8),
  };
  const { bindCount, connectCount } = head;
  const count = bindCount + connectCount;
  if (count > NAME_RECORDS_MAX) return `${count} records are more than ${NAME_RECORDS_MAX}`;
  const sizeBytes = sizeOf(bindCount, connectCount);
  if (view.byteLength === sizeBytes) return head;
  return `${view.byteLength} bytes, where ${count} records take ${sizeBytes}`;
}

function readBinds(view: DataView, count: number): NameBind[] {
  return Array.from({ length: count }, (_, index) => {
    const at = offsetOf(index);
    return { peer: view.getUint32(at), port: view.getUint16(at + 4) };
  });
}

function writeHead(bytes: Buffer, node: number, bindCount: number, connectCount: number): void {
  bytes.writeUInt32BE(node, 0);
  bytes.writeUInt32BE(bindCount, 4);
  bytes.writeUInt32BE(connectCount, 8);
}

/** @returns where the connect records begin */
function writeBinds(bytes: Buffer, binds: readonly NameBind[]): number {
  let at = HEAD_BYTES;
  for (const { peer, port } of binds) {
    bytes.writeUInt32BE(peer, at);
    bytes.writeUInt16BE(port, at + 4);
    at += RECORD_BYTES;
  }
  return at;
}

function sizeOf(bindCount: number, connectCount: number): number {
  return HEAD_BYTES + RECORD_BYTES * (bindCount + connectCount);
}

function offsetOf(index: number): number {
  return HEAD_BYTES + RECORD_BYTES * index;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
