import type { Mode } from "../job/index.ts";

/** What a job comes to: all that has to run, with every name settled. */
export interface Plan {
  /** In the order of their ids, which are 1, 2, 3 … */
  readonly nodes: readonly PlannedNode[];
  /** By the node that writes, then by the one that reads. */
  readonly connections: readonly Connection[];
}

/** An object of the store, or a container where there is no object. */
export interface StoredItem {
  readonly account: string;
  readonly container: string;
  readonly object?: string;
}

export interface PlannedNode {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly program: PlannedProgram;
  /** `argv[0]` and `SCRIPT_NAME`. */
  readonly programName: string;
  readonly args: string;
  readonly env: Readonly<Record<string, string>>;
  /** The order decides what is attached, and in which order outputs are stored. */
  readonly channels: readonly PlannedChannel[];
  /** The object or container beside which it runs; anywhere where there is none. */
  readonly attachment?: Attachment;
  /** The device that the job names in `attach`; missing where it leaves the choice. */
  readonly attach?: string;
  readonly location?: string;
  /** Ids of all its instances: itself, then its copies. Only itself gives results. */
  readonly instances: readonly number[];
  /** Nodes with connections must not wait for each other, and so have a pool of their own. */
  readonly pool: "default" | "cluster";
  /** What each `*` of its input took, from left to right. */
  readonly captures: readonly string[];
  /** Objects that have to be brought to it, each once; its program is not among them. */
  readonly transfers: readonly StoredItem[];
}

export type PlannedProgram =
  | { readonly kind: "object"; readonly item: StoredItem; readonly url: string }
  | {
      readonly kind: "image-file";
      /** `image` for the posted image, else the name of a system image. */
      readonly image: string;
      readonly path: string;
      readonly url: string;
    };

export interface Attachment {
  readonly device: string;
  readonly item: StoredItem;
  readonly access: "read" | "write";
}

interface ChannelBase {
  /** `/dev/DEVICE` in the guest. */
  readonly device: string;
  /** Channel type of the manifest: 0 sequential, 3 random. */
  readonly type: 0 | 3;
  readonly mode: Mode;
}

/** Reads an object, or the listing of a container. `overlay` takes writes that nobody keeps. */
export interface InputChannel extends ChannelBase {
  readonly kind: "input";
  readonly access: "read" | "overlay";
  readonly item: StoredItem;
}

/** Reads the data that came with the request, or nothing. */
export interface BodyChannel extends ChannelBase {
  readonly kind: "body";
}

interface Written {
  readonly contentType: string;
  readonly meta: Readonly<Record<string, string>>;
  /** Outputs with fewer bytes are skipped. */
  readonly minSizeBytes: number;
}

export interface StoredChannel extends ChannelBase, Written {
  readonly kind: "stored";
  readonly item: StoredItem;
}

/** Goes into the answer to the request. */
export interface ResponseChannel extends ChannelBase, Written {
  readonly kind: "response";
}

export interface ImageChannel extends ChannelBase {
  readonly kind: "system-image" | "posted-image";
}

export interface SocketChannel extends ChannelBase {
  readonly kind: "socket";
  readonly protocol: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
}

export type PlannedChannel =
  | InputChannel
  | BodyChannel
  | StoredChannel
  | ResponseChannel
  | ImageChannel
  | SocketChannel;

/** A channel from one node to another, each with its own name for it. */
export interface Connection {
  readonly from: number;
  readonly to: number;
  /** Device of the node that writes: `out/PEER`, or what a `zvm://` device is called. */
  readonly output: string;
  /** Device of the node that reads: `in/PEER`, or what the URL says. */
  readonly input: string;
}

/** The path of an item as requests have it: `/ACCOUNT/CONTAINER/OBJECT`. */
export function pathOfItem({ account, container, object }: StoredItem): string {
  return object === undefined ? `/${account}/${container}` : `/${account}/${container}/${object}`;
}
