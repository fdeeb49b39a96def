import { statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { sizeAtMount } from "../../channels/index.ts";
import {
  fillInitialMemory,
  type GuestLayout,
  type UserChannel,
  writeUserManifest,
} from "../../nacl/elf/index.ts";
import {
  type ChannelDeclaration,
  channelShape,
  guestOrder,
  type Manifest,
} from "../manifest/index.ts";
import { fileSource, type Program, type ProgramVerdict } from "../program/index.ts";
import type { RefusalFinding } from "../report/index.ts";
import { kindOfPath } from "./host-file.ts";
import { STANDARD_HASH } from "./make-report.ts";
import type { LaidOut } from "./nexe-layout.ts";

/** Memory is hashed in pieces of this size, so that 4 GiB of it take no room. */
const PIECE_BYTES = 2 ** 20;
/** After so many pieces, others have a turn. */
const PIECES_PER_TURN = 64;

/**
 * The etag of memory for a session that ends before its start. The original had loaded the program
 * by the time that it looked at the last of the manifest, which is its timeout.
 */
export async function loadedMemory(
  manifest: Manifest,
  verdict: ProgramVerdict,
  laidOut: LaidOut,
  findings: readonly RefusalFinding[],
): Promise<string | undefined> {
  const guest = "guest" in laidOut ? laidOut.guest : undefined;
  // What an image holds is loaded by the cell, which there was none of.
  if (verdict.kind === "accepted" && verdict.program.nexe?.image !== undefined) return undefined;
  if (verdict.kind === "refused" || guest === undefined || !manifest.memory.etag) return undefined;
  const first = findings.find(({ severity }) => severity === "error");
  if (first !== undefined && first.stage !== "defence") return undefined;
  return await loadedMemoryEtag(verdict.program, guest, manifest);
}

/** The digest of a memory in which a program is loaded, and its stack empty. */
async function loadedMemoryEtag(
  { fd, sizeBytes, path }: Pick<Program, "fd" | "sizeBytes" | "path">,
  guest: GuestLayout,
  { channels, etag = STANDARD_HASH }: Pick<Manifest, "channels" | "etag">,
): Promise<string> {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const hash = createHash(etag);
  const file = new Uint8Array(sizeBytes);
  fileSource(fd, sizeBytes, path).read(0, file);
  const told = writeUserManifest(guest, guestOrder(channels).map(userChannel));
  const piece = new Uint8Array(PIECE_BYTES);
  let pieces = 0;
  for (const range of guest.hashed) {
    for (let start = range.start; start < range.end; start += PIECE_BYTES) {
      const bytes = piece.subarray(0, Math.min(PIECE_BYTES, range.end - start));
      fillInitialMemory(guest, file, start, bytes);
      putPart(told, start, bytes);
      hash.update(bytes);
      pieces += 1;
      if (pieces % PIECES_PER_TURN === 0) await setImmediate();
    }
  }
  return hash.digest("hex");
}

function putPart(
  { address, bytes }: ReturnType<typeof writeUserManifest>,
  start: number,
  into: Uint8Array,
): void {
  const from = Math.max(address, start);
  const to = Math.min(address + bytes.length, start + into.length);
  if (from < to) into.set(bytes.subarray(from - address, to - address), from - start);
}

/** As the guest would see the channel: nothing of it was opened, so that sizes are those of now. */
function userChannel(channel: ChannelDeclaration): UserChannel {
  const shape = channelShape(channel);
  const { gets, getBytes, puts, putBytes } = channel.limits;
  return {
    alias: channel.alias,
    type: shape.type,
    limits: [gets, getBytes, puts, putBytes],
    sizeBytes: BigInt(sizeAtMount(shape, "file", fileBytes(channel))),
  };
}

function fileBytes(channel: ChannelDeclaration): number {
  const [source] = channel.sources;
  if (source?.kind !== "path" || kindOfPath(source.path, channel) !== "regular") return 0;
  return statSync(source.path, { throwIfNoEntry: false })?.size ?? 0;
}
