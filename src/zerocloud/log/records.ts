/**
 * What can be logged: each kind of record has its fields, and there are no others. Headers are
 * never among them, so that no token, key or cookie gets into a log by accident.
 */
export type LogRecord = RequestRecord | InstanceRecord | EventRecord | FailureRecord;

/** Fields that tie lines together. */
interface Ties {
  /** The transaction of a request, `X-Trans-Id`. */
  readonly request?: string;
  readonly job?: string;
  /** Account of the path, which pays for it. */
  readonly account?: string;
}

/** A request that was answered. */
export interface RequestRecord extends Ties {
  readonly kind: "request";
  readonly method: string;
  /** With a query or without: what comes behind the `?` is not logged. */
  readonly path: string;
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly ms: number;
  /** `ACCOUNT:USER`, where somebody had signed in. */
  readonly user?: string;
  readonly client?: string;
}

/** What one instance of a job took: the accounting of ZeroCloud, one line for each. */
export interface InstanceRecord extends Ties {
  readonly kind: "zerovm-cdr";
  /** Name of the node. */
  readonly node: string;
  /** Id of the instance. */
  readonly instance: number;
  /** `ok`, or how it ended otherwise. */
  readonly status: string;
  /** The numbers of the report's accounting, in its order. */
  readonly cdr: readonly number[];
}

/** Something that the operator of a server may want to know. */
export interface EventRecord extends Ties {
  readonly kind: "event";
  readonly level: "debug" | "info" | "warn";
  readonly text: string;
}

/** Something of ours, or of the host, that went wrong. */
export interface FailureRecord extends Ties {
  readonly kind: "failure";
  readonly text: string;
  /** Its code and message are logged, with its stack where it is a defect. */
  readonly cause?: unknown;
}
