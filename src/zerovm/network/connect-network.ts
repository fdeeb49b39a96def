/** The network channels of a manifest, connected before its guest starts. */
import { type ByteString, printable, textOf } from "../../base/index.ts";
import { isReadable } from "../../channels/index.ts";
import {
  type ChannelDeclaration,
  type Manifest,
  mountOrder,
  type NetworkSource,
  rawAddress,
} from "../manifest/index.ts";
import { UNNUMBERED_WIRE, type WireKeys } from "./greeting-codec.ts";
import {
  NetworkAbort,
  NetworkFailure,
  nameFailure,
  type SourcePlace,
  sourceFailure,
} from "./network-failure.ts";
import { ownReaderAt } from "./own-reader.ts";
import { closeQuietly } from "./raw-socket.ts";
import { reachWire } from "./reach-wire.ts";
import { endText, type Wire, WireError } from "./wire.ts";
import { WireDoor } from "./wire-door.ts";

/** What the name server of a job is asked, and answers; `zerovm/names` does that. */
export type AskNameServer = (question: {
  readonly server: { readonly address: string; readonly port: number };
  readonly node: number;
  readonly binds: readonly { readonly peer: number; readonly port: number }[];
  readonly connects: readonly { readonly peer: number }[];
  readonly signal?: AbortSignal;
}) => Promise<readonly { readonly address: string; readonly port: number }[]>;

export interface NetworkRequest {
  readonly manifest: Pick<Manifest, "channels" | "node" | "nameServer">;
  /** What all sessions of the job share. */
  readonly key?: Uint8Array | undefined;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  readonly askNameServer: AskNameServer;
}

/** One connected source. */
export interface NetworkEnd {
  readonly alias: ByteString;
  /** Its place among the sources of its channel. */
  readonly index: number;
  /** A connected stream socket that does not block; the caller's from here on. */
  readonly fd: number;
  /** What the other session is called. */
  readonly name: string;
  readonly keys?: WireKeys;
}

/**
 * Connects all network sources: those that are read are bound first, then the name server is
 * asked, if there is one, and then all of them wait for their peers, side by side.
 * @returns an end for each of them, in the order in which channels are mounted
 * @throws NetworkFailure, or NetworkAbort when the signal comes first; nothing is left open then
 */
export async function connectNetwork(request: NetworkRequest): Promise<NetworkEnd[]> {
  const joining = new Joining(request);
  try {
    return await joining.join();
  } catch (error) {
    if (!request.signal.aborted || error instanceof NetworkFailure) throw error;
    throw new NetworkAbort(joining.waits(), request.signal.reason);
  } finally {
    joining.close();
  }
}

interface Place {
  readonly address: string;
  readonly port: number;
}

/** A source on its way to be a wire. */
interface Joint extends SourcePlace {
  readonly reads: boolean;
  /** The number of the node at the other end, where a name server knows it. */
  readonly peer: number | undefined;
  door?: WireDoor;
  place?: Place;
  /** Why it is not there yet. */
  reason?: string;
  isThere?: boolean;
}

class Joining {
  readonly #request: NetworkRequest;
  readonly #joints: readonly Joint[];
  /** One that fails ends the waiting of all others. */
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;

  constructor(request: NetworkRequest) {
    this.#request = request;
    this.#joints = mountOrder(request.manifest.channels).flatMap((channel) =>
      jointsOf(channel, request.manifest),
    );
    this.#signal = AbortSignal.any([request.signal, this.#failed.signal]);
  }

  async join(): Promise<NetworkEnd[]> {
    this.#request.signal.throwIfAborted();
    for (const joint of this.#joints) if (joint.reads) joint.door = await bind(joint);
    await this.#learnPlaces();
    const joined = await Promise.allSettled(this.#joints.map((joint) => this.#connect(joint)));
    const failed = joined.find((it) => it.status === "rejected" && !this.#isEcho(it.reason));
    const echo = joined.find((it) => it.status === "rejected");
    const first = failed ?? echo;
    const ends = joined.flatMap((it) => (it.status === "fulfilled" ? [it.value] : []));
    if (first?.status !== "rejected") return ends;
    for (const { fd } of ends) closeQuietly(fd);
    throw first.reason;
  }

  /** For whom it still waits. */
  waits(): string[] {
    return this.#joints.flatMap((joint) => (joint.isThere === true ? [] : [waitOf(joint)]));
  }

  close(): void {
    for (const { door } of this.#joints) door?.close();
  }

  /** Whether an error only says that another one ended the waiting. */
  #isEcho(error: unknown): boolean {
    return error === this.#failed.signal.reason || error === this.#request.signal.reason;
  }

  /** The name server is told of every reader, and says where those are that are written to. */
  async #learnPlaces(): Promise<void> {
    const { askNameServer, signal, manifest } = this.#request;
    const { nameServer, node = 0 } = manifest;
    const named = this.#joints.filter(({ peer }) => peer !== undefined);
    if (nameServer?.kind !== "network" || named.length === 0) return;
    const [readers, writers] = [named.filter((it) => it.reads), named.filter((it) => !it.reads)];
    const server = placeOf(nameServer);
    try {
      const places = await askNameServer({
        server,
        node,
        binds: readers.map(({ peer = 0, door }) => ({ peer, port: door?.port ?? 0 })),
        connects: writers.map(({ peer = 0 }) => ({ peer })),
        signal,
      });
      writers.forEach((joint, index) => {
        const place = places[index];
        if (place !== undefined) joint.place = place;
      });
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw nameFailure(cause, endText(server.address, server.port));
    }
  }

  async #connect(joint: Joint): Promise<NetworkEnd> {
    const { channel, index, source, reads, peer } = joint;
    try {
      const wire = await (reads ? this.#await(joint) : this.#reach(joint));
      joint.isThere = true;
      const { fd, keys } = wire;
      const name = peer === undefined ? sideOf(source, reads, wire) : `node ${peer}`;
      return { alias: channel.alias, index, fd, name, ...(keys !== undefined && { keys }) };
    } catch (cause) {
      if (this.#isEcho(cause)) throw cause;
      const failure = sourceFailure(joint, "connect", cause);
      this.#failed.abort(failure);
      throw failure;
    }
  }

  async #await(joint: Joint): Promise<Wire> {
    const { door } = joint;
    if (door === undefined) throw new Error("it is not bound");
    const { key } = this.#request;
    const wire = await door.expect(this.#nameOf(joint), { key, signal: this.#signal });
    door.close();
    return wire;
  }

  async #reach(joint: Joint): Promise<Wire> {
    const { address, port } = joint.place ?? placeOf(joint.source);
    const own = ownReaderAt(this.#joints, address, port);
    if (own !== undefined) throw new WireError(`this session's own ${own} reads there`);
    return await reachWire({
      host: address,
      port,
      name: this.#nameOf(joint),
      key: this.#request.key,
      signal: this.#signal,
      onRetry: (reason) => {
        joint.reason = reason;
      },
    });
  }

  /** By numbers where a name server knows them; otherwise the port says which wire is meant. */
  #nameOf({ peer, reads }: Joint): string {
    const { node = 0 } = this.#request.manifest;
    if (peer === undefined) return UNNUMBERED_WIRE;
    return reads ? `${peer}>${node}` : `${node}>${peer}`;
  }
}

function jointsOf(
  channel: ChannelDeclaration,
  { nameServer }: NetworkRequest["manifest"],
): Joint[] {
  const reads = isReadable(channel.limits);
  return channel.sources.flatMap((source, index) => {
    if (source.kind !== "network") return [];
    const { host } = source;
    const peer = nameServer !== undefined && host.kind === "node" ? host.id : undefined;
    return [{ channel, index, source, reads, peer }];
  });
}

async function bind(joint: Joint): Promise<WireDoor> {
  const { host, port } = joint.source;
  try {
    const address = host.kind === "address" ? { host: host.address } : {};
    return await WireDoor.open({ port, ...address });
  } catch (cause) {
    throw sourceFailure(joint, "bind", cause);
  }
}

function placeOf({ host, port }: NetworkSource): Place {
  return { address: host.kind === "address" ? host.address : rawAddress(host.id), port };
}

/** The other end, where nobody knows its number. */
function sideOf(source: NetworkSource, reads: boolean, { peer }: Wire): string {
  if (reads) return peer;
  const { address, port } = placeOf(source);
  return endText(address, port);
}

function waitOf({ channel, source, reads, peer, door, place, reason }: Joint): string {
  const alias = printable(textOf(channel.alias));
  const node = `node ${peer ?? 0}`;
  if (reads) {
    const whom = peer === undefined ? `its writer at ${printable(source.text)}` : node;
    return `${alias} waited for ${whom}${strangersOf(door?.refusals)}`;
  }
  if (peer !== undefined && place === undefined) return `${alias} waited for ${node}`;
  const { address, port } = place ?? placeOf(source);
  const whom = peer === undefined ? "" : `${node} at `;
  const why = reason === undefined ? "" : `: ${reason}`;
  return `${alias} waited for ${whom}${endText(address, port)}${why}`;
}

/** Who connected to a reader in vain: one of them may be its writer with a wrong key. */
function strangersOf(refusals: WireDoor["refusals"] = new Map()): string {
  const parts = [...refusals].map(([why, count]) => `${count} ${why}`);
  return parts.length === 0 ? "" : `; connected and refused were ${parts.join(", ")}`;
}
