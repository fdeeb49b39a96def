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
export function hostKey({ ip, port }: StorageHost): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** One device of a server, `IP:PORT/DEVICE`. */
export function deviceKey(host: StorageHost): string {
  return `${hostKey(host)}/${host.device}`;
}
