import { hashOfText } from "./seeded-hash.ts";

/** A device of a storage server that holds an object or may hold it, as the rings of Swift say. */
export interface StorageHost {
  readonly ip: string;
  readonly port: number;
  readonly device: string;
  readonly region: number;
  readonly zone: number;
  /** Holds what belongs to another one only while that one is away. */
  readonly isHandoff: boolean;
}

/** Where something lies, as the rings say: the best host first, primaries before handoffs. */
export interface Located {
  readonly partition: number;
  readonly hosts: readonly StorageHost[];
}

/** The server of a host, `IP:PORT`: its devices share its load and its failures. */
export function hostKey(host: StorageHost): string {
  return keysOf(host).server;
}

/** One device of a server, `IP:PORT/DEVICE`. */
export function deviceKey(host: StorageHost): string {
  return keysOf(host).device;
}

/** What a host is called, and the hash of that. */
export interface HostKeys {
  readonly server: string;
  readonly device: string;
  readonly hash: number;
}

/** A large job asks for the same hosts again and again: text is made once for each. */
const KEYS = new WeakMap<StorageHost, HostKeys>();

/** The keys of a host. */
export function keysOf(host: StorageHost): HostKeys {
  const known = KEYS.get(host);
  if (known !== undefined) return known;
  const { ip, port } = host;
  const server = ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
  const device = `${server}/${host.device}`;
  const keys = { server, device, hash: hashOfText(device) };
  KEYS.set(host, keys);
  return keys;
}
