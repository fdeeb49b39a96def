import { type ByteString, bytesOf } from "../../base/index.ts";
import { STACK_BYTES, STACK_START } from "./address-space.ts";
import type { GuestLayout } from "./layout.ts";

const HEAD_BYTES = 20;
const CHANNEL_BYTES = 48;
/** Behind the channels lies the word that points to the head. */
const POINTER_BYTES = 4;

/** A channel as the guest sees it; its number is its place in the list. */
export interface UserChannel {
  /** Bytes without NUL. */
  readonly alias: ByteString;
  readonly type: 0 | 1 | 2 | 3;
  /** Limits: gets, bytes got, puts, bytes put. */
  readonly limits: readonly [bigint, bigint, bigint, bigint];
  /** Bytes at the start of the session; the guest sees 0 for type 0. */
  readonly sizeBytes: bigint;
}

/** The bytes of a user manifest, which end where the stack begins. */
export interface UserManifest {
  /** Of the lowest byte. */
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Bytes of the user manifest of these channels, its pointer included. */
export function userManifestBytes(channels: readonly Pick<UserChannel, "alias">[]): number {
  const fixed = HEAD_BYTES + CHANNEL_BYTES * channels.length + POINTER_BYTES;
  return channels.reduce((sum, { alias }) => sum + alias.length + 1, fixed);
}

/**
 * Writes what tells a program of its memory and channels. From low to high addresses:
 *
 *     ... alias[1] NUL alias[0] NUL
 *     heap address, heap size, stack size, number of channels, address of the channels  (u32)
 *     for each channel: four limits, size  (i64), type, address of the alias  (u32)
 *     address of the heap's address above  (u32), and here the stack begins
 */
export function writeUserManifest(
  guest: Pick<GuestLayout, "heap">,
  channels: readonly UserChannel[],
): UserManifest {
  const bytes = new Uint8Array(userManifestBytes(channels));
  const view = new DataView(bytes.buffer);
  const address = STACK_START - bytes.length;
  const head = bytes.length - POINTER_BYTES - CHANNEL_BYTES * channels.length - HEAD_BYTES;
  view.setUint32(head, guest.heap.start, true);
  view.setUint32(head + 4, guest.heap.end - guest.heap.start, true);
  view.setUint32(head + 8, STACK_BYTES, true);
  view.setInt32(head + 12, channels.length, true);
  view.setUint32(head + 16, address + head + HEAD_BYTES, true);
  let name = head;
  for (const [index, channel] of channels.entries()) {
    name -= channel.alias.length + 1;
    bytes.set(bytesOf(channel.alias), name);
    writeChannel(view, head + HEAD_BYTES + CHANNEL_BYTES * index, channel, address + name);
  }
  view.setUint32(bytes.length - POINTER_BYTES, address + head, true);
  return { address, bytes };
}

function writeChannel(view: DataView, at: number, channel: UserChannel, name: number): void {
  for (const [index, limit] of channel.limits.entries()) {
    view.setBigInt64(at + 8 * index, limit, true);
  }
  view.setBigInt64(at + 32, channel.type === 0 ? 0n : channel.sizeBytes, true);
  view.setUint32(at + 40, channel.type, true);
  view.setUint32(at + 44, name, true);
}
