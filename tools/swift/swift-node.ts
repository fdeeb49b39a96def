import type { CountingRelay } from "./counting-relay.ts";
import type { StorageKind } from "./pipelines.ts";
import type { ServerProcess } from "./server-process.ts";

/** A storage node of a cluster. */
export interface NodeParts {
  /** As in `node1`. */
  readonly name: string;
  readonly ip: string;
  /** What its servers listen at; rings have another port of an object server that is counted. */
  readonly ports: Readonly<Record<StorageKind, number>>;
  /** The folder of its devices; the only one is `d1`. */
  readonly devices: string;
  readonly servers: Readonly<Record<StorageKind, ServerProcess>>;
  /** In the order in which they run, each for one pass. */
  readonly daemons: readonly ServerProcess[];
  readonly worker: ServerProcess | undefined;
  readonly relay: CountingRelay | undefined;
}

/** A storage node, which can fail and come back. */
export class SwiftNode {
  readonly name: string;
  readonly ip: string;
  readonly ports: NodeParts["ports"];
  readonly devices: string;
  readonly servers: NodeParts["servers"];
  readonly daemons: NodeParts["daemons"];
  readonly worker: ServerProcess | undefined;
  /** Before the object server, where it is counted. */
  readonly relay: CountingRelay | undefined;

  constructor(parts: NodeParts) {
    this.name = parts.name;
    this.ip = parts.ip;
    this.ports = parts.ports;
    this.devices = parts.devices;
    this.servers = parts.servers;
    this.daemons = parts.daemons;
    this.worker = parts.worker;
    this.relay = parts.relay;
  }

  /** Everything that runs on it. */
  get processes(): ServerProcess[] {
    const { object, container, account } = this.servers;
    return [object, container, account, ...(this.worker === undefined ? [] : [this.worker])];
  }

  /** As if the machine had lost its power. */
  async kill(): Promise<void> {
    await Promise.all(this.processes.map((server) => server.kill()));
  }

  /**
   * Tells other nodes what they could not be told while they were away: listings get the objects
   * that they lack, and accounts their figures. Objects are not copied: that takes rsync.
   */
  async catchUp(): Promise<void> {
    for (const daemon of this.daemons) await daemon.runOnce();
  }

  /** Starts what does not run. */
  async start(): Promise<void> {
    await Promise.all(this.processes.map((server) => server.start()));
  }
}
