import type { RequestFacts } from "../cgi/index.ts";
import type { Deferral, InputRange, ObjectItem } from "../request/index.ts";
import type { JobStore, LoadedApp } from "../storage/index.ts";
import type { RequestBody } from "./request-body.ts";

/** A request that was understood: a job, and what comes with it. */
export interface Submission {
  /** The store as the sender may use it; the executor keeps it until the job is over. */
  readonly store: JobStore;
  /** Account of the path, which pays: what `~` stands for. */
  readonly account: string;
  /** Container of the path, which has a word on pages of other origins. */
  readonly container?: string;
  readonly jobText: Uint8Array;
  /** The tar image that came with the job; the executor closes it. */
  readonly image?: PostedImage;
  /** The data of the request; the executor closes it. Absent where the body was the job itself. */
  readonly body?: RequestBody;
  /** The job is an object that a header names: its data have to have a reader. */
  readonly hasSource?: boolean;
  /** The app that was loaded for the request: containers may let people in through it. */
  readonly app?: LoadedApp;
  /** One program over one object: what it made counts where it ends well, and is no next job. */
  readonly isObjectRun?: boolean;
  readonly facts: RequestFacts;
  readonly wishes: JobWishes;
}

/** A tar archive, also packed with gzip. */
export interface PostedImage {
  /** Under which this process can open it. */
  readonly path: string;
  close(): void | Promise<void>;
}

/** How whoever asks wants the answer. */
export interface JobWishes {
  readonly deferral?: Deferral;
  /** Several outputs of a node may go into the answer. */
  readonly isMultipart: boolean;
  /** The answer is the report of the job. */
  readonly isJson: boolean;
  /** The answer is where the job would run, and nothing runs. */
  readonly isPlacement?: boolean;
  /** Findings about the job are answered as JSON. */
  readonly hasJsonFindings: boolean;
  /** Wall time of each node. */
  readonly timeoutSeconds: number;
  /** The part of one object that the job gets to read of it. */
  readonly inputRange?: { readonly item: ObjectItem; readonly range: InputRange };
}
