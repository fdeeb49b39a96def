import { byteStringOfText } from "../../base/index.ts";
import { isReadable, isWritable } from "../../channels/index.ts";
import { canonicalAddress } from "./canonical-address.ts";
import { EXIT, type Finding, makeFinding, shown, stated } from "./finding.ts";
import type { ChannelDeclaration, Manifest, NetworkSource } from "./manifest.ts";

type WirePart = Pick<Manifest, "channels" | "node" | "nameServer">;

/** A network source in a channel with one direction, which other findings see to. */
interface WireSource {
  readonly channel: ChannelDeclaration;
  readonly source: NetworkSource;
  readonly reads: boolean;
}

/**
 * Whether each network source says where its wire goes, and that is another session: as far as the
 * manifest says it by itself.
 */
export function judgeWires(manifest: WirePart): Finding[] {
  const wires = manifest.channels.flatMap(wiresOf);
  const ends = new OwnEnds(wires);
  return wires.flatMap((wire) => judgeWire(manifest, wire, ends) ?? []);
}

/** The ends of one session, looked up by what another end of it would meet. */
class OwnEnds {
  /** The first wire for each node and direction. */
  readonly #first = new Map<string, WireSource>();
  /** The first reader at each address and port. */
  readonly #readers = new Map<string, WireSource>();
  /** Ports at all addresses of this host. */
  readonly #everywhere = new Set<number>();

  constructor(wires: readonly WireSource[]) {
    for (const wire of wires) {
      const { host, port } = wire.source;
      const key = twinKey(wire);
      if (key !== undefined && !this.#first.has(key)) this.#first.set(key, wire);
      if (!wire.reads) continue;
      if (host.kind !== "address") this.#everywhere.add(port);
      else if (!this.#readers.has(endKey(host.address, port))) {
        this.#readers.set(endKey(host.address, port), wire);
      }
    }
  }

  /** Whether another source before this one is for the same node in the same direction. */
  hasEarlierTwin(wire: WireSource): boolean {
    const key = twinKey(wire);
    return key !== undefined && this.#first.get(key) !== wire;
  }

  /** The reader before this one that has its address and port. */
  earlierReader(wire: WireSource): WireSource | undefined {
    const { host, port } = wire.source;
    if (host.kind !== "address") return undefined;
    const first = this.#readers.get(endKey(host.address, port));
    return first === wire ? undefined : first;
  }

  /** A reader without an address is at all those of this host, of which one kind is known here. */
  hasReaderAt(address: string, port: number): boolean {
    if (this.#readers.has(endKey(address, port))) return true;
    return LOOPBACK.test(address) && this.#everywhere.has(port);
  }
}

const LOOPBACK = /^(?:127\.|::1$)/;

function twinKey({ source: { host }, reads }: WireSource): string | undefined {
  return host.kind === "node" ? `${reads}:${host.id}` : undefined;
}

function endKey(address: string, port: number): string {
  return `${canonicalAddress(address)} ${port}`;
}

/** The IPv4 address that a number without a name server means: its bytes in little-endian order. */
export function rawAddress(id: number): string {
  return [id, id >>> 8, id >>> 16, id >>> 24].map((byte) => byte & 0xff).join(".");
}

function wiresOf(channel: ChannelDeclaration): WireSource[] {
  const reads = isReadable(channel.limits);
  if (reads === isWritable(channel.limits)) return [];
  return channel.sources.flatMap((source) =>
    source.kind === "network" && source.protocol === "tcp" ? [{ channel, source, reads }] : [],
  );
}

function judgeWire(
  { node, nameServer }: WirePart,
  wire: WireSource,
  ends: OwnEnds,
): Finding | undefined {
  const { host, port } = wire.source;
  const isAsked = nameServer !== undefined && host.kind === "node";
  if (isAsked && host.id === 0) return fault(wire, "it names no node", "tcp:NODE:");
  if (isAsked && host.id === node) return fault(wire, SELF, ANOTHER);
  if (isAsked) return ends.hasEarlierTwin(wire) ? twin(wire) : undefined;
  if (wire.reads) return judgeReader(wire, ends);
  const address = addressOf(wire.source);
  if (address === "0.0.0.0") return fault(wire, "it names no host", "tcp:ADDRESS:PORT");
  if (port === 0) return fault(wire, "it names no port", portFormOf(wire));
  return ends.hasReaderAt(address, port) ? fault(wire, SELF, ANOTHER) : undefined;
}

function judgeReader(wire: WireSource, ends: OwnEnds): Finding | undefined {
  if (wire.source.port === 0) return unknownPort(wire);
  const other = ends.earlierReader(wire);
  if (other === undefined) return undefined;
  const alias = shown(other.channel.alias);
  return fault(wire, `${alias} of this session waits at that port already`, "another port");
}

function portFormOf({ source: { host } }: WireSource): string {
  return host.kind === "node"
    ? `tcp:ADDRESS:PORT, or a name server (--name-server) that knows where node ${host.id} is`
    : "tcp:ADDRESS:PORT";
}

const SELF = "it is a wire to this session itself";
const ANOTHER = "the address of another session";

/** The later of two records would win at the name server, and one of the wires never come. */
function twin(wire: WireSource): Finding {
  const why = "there can be only one channel in each direction between two nodes";
  return fault(wire, why, "another node: the name server knows no more than one");
}

function addressOf({ host }: NetworkSource): string {
  return canonicalAddress(host.kind === "address" ? host.address : rawAddress(host.id));
}

function fault(wire: WireSource, why: string, expected: string): Finding {
  const { channel, source } = wire;
  const index = channel.sources.indexOf(source);
  return makeFinding({
    stage: "mount",
    code: EXIT.FAULT,
    state: `cannot bind ${stated(channel.alias)};${index}: ${why}`,
    message: `Source ${textOf(source)} of channel ${shown(channel.alias)} cannot be connected: ${why}`,
    expected,
    line: channel.line,
    column: channel.columns?.[0],
  });
}

function unknownPort({ channel, source }: WireSource): Finding {
  const message =
    `Channel ${shown(channel.alias)} waits at any free port for ${textOf(source)}, ` +
    "and no writer can know which";
  return makeFinding({
    severity: "warning",
    stage: "mount",
    code: 0,
    state: "",
    message,
    expected: "a port, or a NameServer that tells writers",
    line: channel.line,
    column: channel.columns?.[0],
  });
}

function textOf({ text }: NetworkSource): string {
  return shown(byteStringOfText(text));
}
