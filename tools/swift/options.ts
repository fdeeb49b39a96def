import type { Extra, SwiftUser } from "./pipelines.ts";

/** What a cluster is made of. */
export interface ClusterOptions {
  /** Where it lies; must not be there. A new one of the system's for temporary files if missing. */
  readonly folder?: string;
  /** Storage nodes, each with one device: as many replicas as nodes, but at most three. */
  readonly nodes?: number;
  /** Whether our filters are in the pipelines. Yes, if not told. */
  readonly filters?: boolean;
  /** Filters without coordinator and workers behind them. */
  readonly withoutJobs?: boolean;
  /** Text of the settings of coordinator and workers, see `zerovm config`. */
  readonly config?: string;
  /** Sessions that one worker runs at a time. */
  readonly sessions?: number;
  /** Further filters of Swift in the pipeline of the proxy. All, if not told. */
  readonly extras?: readonly Extra[];
  /** Whether objects are encrypted where they lie. */
  readonly encrypted?: boolean;
  /** A second storage policy, `coded`: two fragments of data and one of parity. */
  readonly coded?: boolean;
  /** Whether bytes to and from object servers are counted, for `traffic()`. */
  readonly counted?: boolean;
  /** Processes of the proxy, two if not told, and of each storage server, one. */
  readonly processes?: { readonly proxy?: number; readonly storage?: number };
  /** Of Swift's servers; INFO if not told. */
  readonly logLevel?: "DEBUG" | "INFO" | "ERROR";
  /** Whether the servers live on when the process that starts them is gone. */
  readonly outlives?: boolean;
  /** Told what is being done. */
  readonly onProgress?: (what: string) => void;
  /** Ends the start, and leaves nothing. */
  readonly abort?: AbortSignal;
}

/** Users of each cluster: three own an account, one is a guest in the first, one owns all. */
export const CLUSTER_USERS = {
  tester: { name: "test:tester", key: "testing", groups: [".admin"] },
  reader: { name: "test:reader", key: "reading" },
  other: { name: "other:tester", key: "testing", groups: [".admin"] },
  // As in the suite of clients, which may be tried on a cluster.
  second: { name: "test2:tester2", key: "testing2", groups: [".admin"] },
  reseller: { name: "admin:admin", key: "admin", groups: [".admin", ".reseller_admin"] },
} as const satisfies Readonly<Record<string, SwiftUser>>;
