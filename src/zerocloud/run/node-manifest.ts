import type { ChannelLimits } from "../../channels/index.ts";
import type { ChannelDeclaration, Manifest, NetworkSource } from "../../zerovm/manifest/index.ts";
import type { NodeEnd, PlannedChannel, PlannedNode } from "../plan/index.ts";
import { aliasOf } from "./guest-world.ts";
import {
  type JobRequest,
  STANDARD_MEMORY_BYTES,
  STANDARD_TIMEOUT_SECONDS,
  STANDARD_TRANSFER_LIMITS,
} from "./settings.ts";

/** What all sessions of a node have in common, whatever is behind their channels. */
export interface SessionBase {
  /** Without program and channels. */
  readonly manifest: Omit<Manifest, "program">;
  readonly reads: ChannelLimits;
  readonly writes: ChannelLimits;
}

/** Clock and entropy are those of every deterministic session; digests are MD5, as stores have. */
export function sessionBase(
  { id }: Pick<PlannedNode, "id">,
  request: Omit<JobRequest, "id">,
): SessionBase {
  const {
    timeoutSeconds = STANDARD_TIMEOUT_SECONDS,
    memoryBytes = STANDARD_MEMORY_BYTES,
    limits = STANDARD_TRANSFER_LIMITS,
    fuel,
  } = request;
  const calls = BigInt(limits.calls);
  return {
    manifest: {
      memory: { sizeBytes: memoryBytes, etag: false },
      timeoutSeconds,
      channels: [],
      node: id,
      etag: "md5",
      clock: 0,
      seed: 0n,
      limits: {},
      ...(fuel !== undefined && { fuel: BigInt(fuel) }),
    },
    reads: { gets: calls, getBytes: BigInt(limits.inputBytes), puts: 0n, putBytes: 0n },
    writes: { gets: 0n, getBytes: 0n, puts: calls, putBytes: BigInt(limits.outputBytes) },
  };
}

/** Whether a planned channel is written by the guest. */
export function isOutput(
  channel: PlannedChannel,
): channel is Extract<PlannedChannel, { kind: "stored" | "response" }> {
  return channel.kind === "stored" || channel.kind === "response";
}

/** A channel that reads a file, or what stands in for it. */
export function readingChannel(
  device: string,
  type: 0 | 3,
  path: string,
  { reads }: SessionBase,
): ChannelDeclaration {
  const alias = aliasOf(device);
  return { alias, type, etag: false, limits: reads, sources: [{ kind: "path", path }] };
}

/** @param etag whether the report has a digest of all that was written */
export function writingChannel(
  device: string,
  type: 0 | 3,
  path: string,
  { writes }: SessionBase,
  etag: boolean,
): ChannelDeclaration {
  const alias = aliasOf(device);
  return { alias, type, etag, limits: writes, sources: [{ kind: "path", path }] };
}

/**
 * A channel that leads to all instances of another node, as the original's manifest has it.
 * @param etag whether the report has a digest of all that was written
 */
export function connectedChannel(
  { device, access, peers }: NodeEnd,
  { reads, writes }: SessionBase,
  etag: boolean,
): ChannelDeclaration {
  const isRead = access === "read";
  return {
    alias: aliasOf(device),
    type: 0,
    etag: etag && !isRead,
    limits: isRead ? reads : writes,
    sources: peers.map((id) => peerSource(id, isRead)),
  };
}

/** Who reads binds to a port, any of them; who writes is told which. */
function peerSource(id: number, isRead: boolean): NetworkSource {
  const text = isRead ? `tcp:${id}:0` : `tcp:${id}:`;
  return { kind: "network", protocol: "tcp", host: { kind: "node", id }, port: 0, text };
}
