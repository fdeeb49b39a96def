import type { Mode } from "./devices.ts";
import type { JobPlace } from "./text-places.ts";
import type { FileUrl, JobUrl, SwiftUrl } from "./url.ts";

/** A checked job: groups of nodes, each by itself well-formed. What it needs of storage, of system
 * images and of other groups is judged when it is planned. */
export interface Job {
  /** No two have one name: parts of one group were put together. */
  readonly groups: readonly Group[];
}

export interface Group {
  readonly name: string;
  readonly exec: Exec;
  /** In the order of their declaration. */
  readonly devices: readonly Device[];
  /** Nodes, where no wildcard says how many. */
  readonly count: number;
  /** Groups and nodes that its nodes write to. */
  readonly connect: readonly Target[];
  /** Copies of each node; 0 is one, which is not attached to what it writes. */
  readonly replicate: number;
  /** The device whose object decides where a node runs; undefined for the first channel. */
  readonly attach?: string;
  /** Instances with one label run on one server. */
  readonly location?: string;
  readonly place: JobPlace;
}

export interface Target {
  readonly name: string;
  readonly place: JobPlace;
}

export interface Exec {
  readonly program: SwiftUrl | FileUrl;
  /** Where it is said. */
  readonly place: JobPlace;
  /** `argv[0]`. */
  readonly name: string;
  /** Appended to the name after one blank; split by the guest. */
  readonly args: string;
  /** Without those that are empty, null or 0. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Device {
  readonly name: string;
  readonly url?: JobUrl;
  readonly contentType?: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly mode: Mode;
  /** Outputs with fewer bytes are skipped. */
  readonly minSizeBytes: number;
  readonly place: JobPlace;
  /** Where the path stands; the device itself where it has none. */
  readonly pathPlace: JobPlace;
}
