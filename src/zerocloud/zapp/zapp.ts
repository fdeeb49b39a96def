import type { Diagnostic } from "../../base/index.ts";

/** What is wrong with a `zapp.yaml`, and where. */
export interface ZappFinding extends Diagnostic {
  /** The key that it is about, as `execution.groups[0].path`; empty for the whole file. */
  readonly key: string;
  readonly line: number;
  readonly column: number;
}

/** A checked `zapp.yaml`: what is packed, and the job that runs it. */
export interface Zapp {
  /** `meta.name`: the bundle is called NAME.zapp. */
  readonly name: string;
  /** `boot/system.map`: the job as JSON, ASCII only. */
  readonly jobText: string;
  /** Which files of the project are members. */
  readonly bundling: readonly Pattern[];
  /** Which are members, and uploaded as objects of their own as well. */
  readonly ui: readonly Pattern[];
  /** Programs that are compiled before packing, in this order. */
  readonly build: readonly BuildStep[];
  /** Whether it answers requests: deploying it sets the endpoint of its container. */
  readonly isRest: boolean;
}

/** A shell pattern over paths of the project. */
export interface Pattern {
  readonly text: string;
  /** Where it stands, for what is found out later about it. */
  readonly place: ZappPlace;
}

export interface ZappPlace {
  readonly key: string;
  readonly line: number;
  readonly column: number;
}

export interface BuildStep {
  /** Path of the program in the project; `.nexe` and `.wasm` say what it is. */
  readonly program: string;
  readonly sources: readonly string[];
  /** Further options of the compiler. */
  readonly options: readonly string[];
  readonly place: ZappPlace;
}

/** Name of the description in a project, and in a bundle. */
export const ZAPP_FILE = "zapp.yaml";

/** The member of a bundle that holds the job. */
export const MAP_MEMBER = "boot/system.map";

/** No description of an application is longer. */
export const ZAPP_BYTES_MAX = 64 * 1024;

/** Errors and warnings of one file that are kept, of each so many. */
export const ZAPP_FINDINGS_MAX = 200;
