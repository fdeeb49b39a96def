import type { StoredItem } from "../plan/index.ts";

/** What became of a job; plain data but for the bodies. Instances stand in the order of results. */
export interface JobResult {
  /** What was found about the job that kept it from nothing: objects that were left out, say. */
  readonly warnings?: readonly string[];
  readonly instances: readonly InstanceResult[];
  /** From the start of the job to the last result. */
  readonly seconds: number;
}

/** What became of one instance of a node. */
export interface InstanceResult {
  readonly id: number;
  /** Name of the node; its copies have the same. */
  readonly name: string;
  /** Group of the job. */
  readonly group: string;
  /**
   * `ran`: there is a report. `failed`: it was begun, and the host or a store failed. `refused`:
   * it was turned away before it had read its input. `cancelled`: it ran, and the end of the job
   * ended it. `skipped`: the job ended before it ran.
   */
  readonly state: "ran" | "failed" | "refused" | "cancelled" | "skipped";
  /**
   * Of HTTP: 200, or what a program, a refusal or a failed output made of it; 424 where it is of no
   * use because another instance failed.
   */
  readonly status: number;
  /** One line, `X-Nexe-Status`: `ok.`, or what went wrong. */
  readonly statusText: string;
  /** What the program gave to exit; 0 where it never ran. */
  readonly exitCode: number;
  /** 0 validated, 1 failed, 2 skipped. */
  readonly validation: 0 | 1 | 2;
  /** In channel order. */
  readonly etags: readonly { readonly device: string; readonly hex: string }[];
  readonly accounting: Accounting;
  /** Stored under a name of the storage policy; empty where it was never placed. */
  readonly policy: string;
  /** Equal for instances of one server where it was asked for, else `0`. */
  readonly colocated: string;
  /** What went wrong, for people; absent where nothing did. */
  readonly error?: string;
  /** When it may be worth while to ask again, where a pool had no place for it. */
  readonly retryAfterSeconds?: number;
  /** A warm session served it. */
  readonly isCached: boolean;
  /** What goes into the answer, in channel order; of a refused one its message. */
  readonly responses: readonly ResponsePart[];
  readonly stored: readonly StoredOutput[];
  /** The report of its session as JSON gives it, where it ran. */
  readonly report?: unknown;
  /** Where it ran, in a cluster of several. */
  readonly host?: ChosenHost;
  /** The last of what it wrote to a standard error that nobody took, for people. */
  readonly errorTail?: string;
}

/** A host of a cluster, and why it was taken. */
export interface ChosenHost {
  /** Tells it from others, and no address: `r1z2-3fa9c1`, with its region and zone. */
  readonly name: string;
  /** In words that go on from "runs". */
  readonly why: string;
  /** Hosts that were tried before, and why they did not run it. */
  readonly triedBefore: readonly string[];
}

/** The ten numbers of the original, and the seconds in front of them. */
export interface Accounting {
  /** By the clock of the wall, transfers included. */
  readonly seconds: number;
  readonly systemSeconds: number;
  readonly userSeconds: number;
  readonly local: Traffic;
  readonly network: Traffic;
}

export interface Traffic {
  readonly reads: number;
  readonly readBytes: number;
  readonly writes: number;
  readonly writtenBytes: number;
}

/** What a program wrote for the answer. */
export interface ResponsePart {
  readonly device: string;
  readonly contentType: string;
  /** What the program set in a CGI head; undefined where there was none. */
  readonly status?: number;
  /** Other headers of a CGI head in their order, names as the program wrote them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Body;
}

/** Bytes that are read once, or released. */
export interface Body {
  readonly sizeBytes: number;
  read(): AsyncIterable<Uint8Array>;
  release(): void;
}

/** An output that belongs into the store. */
export interface StoredOutput {
  readonly device: string;
  readonly item: StoredItem;
  readonly sizeBytes: number;
  /** MD5 in hexadecimal, where it was stored. */
  readonly etag?: string;
  /** Status of HTTP and reason, where it was not. */
  readonly failure?: { readonly status: number; readonly message: string };
}
