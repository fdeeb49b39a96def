/** A figure as it is published. */
export interface MetricKind {
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly meaning: string;
}

/** Every figure; names are never changed or used for something else. */
export const METRICS = {
  zerovm_http_requests_total: {
    type: "counter",
    labels: ["method", "status", "kind"],
    meaning: "Requests that were answered; status is 2xx, 3xx, 4xx or 5xx",
  },
  zerovm_http_request_seconds: {
    type: "histogram",
    labels: ["kind"],
    meaning: "From the head of a request to the end of its answer",
  },
  zerovm_http_received_bytes_total: {
    type: "counter",
    labels: ["kind"],
    meaning: "Bytes of the bodies of requests",
  },
  zerovm_http_sent_bytes_total: {
    type: "counter",
    labels: ["kind"],
    meaning: "Bytes of the bodies of answers",
  },
  zerovm_http_connections: {
    type: "gauge",
    labels: [],
    meaning: "Connections that are open",
  },
  zerovm_store_accounts: { type: "gauge", labels: [], meaning: "Accounts in the store" },
  zerovm_store_containers: { type: "gauge", labels: [], meaning: "Containers of all accounts" },
  zerovm_store_objects: { type: "gauge", labels: [], meaning: "Objects in the store" },
  zerovm_store_bytes: { type: "gauge", labels: [], meaning: "Bytes of all objects" },
  zerovm_jobs: {
    type: "gauge",
    labels: ["state"],
    meaning: "Jobs that are there; state is running or queued",
  },
  zerovm_jobs_ended_total: {
    type: "counter",
    labels: ["outcome"],
    meaning: "Jobs that ended; outcome is ok, failed, refused or cancelled",
  },
  zerovm_session_seconds: {
    type: "histogram",
    labels: [],
    meaning: "Wall time of sessions of jobs",
  },
  zerovm_sessions: {
    type: "gauge",
    labels: [],
    meaning: "Sessions that a worker runs at the moment",
  },
  zerovm_places_held: {
    type: "gauge",
    labels: [],
    meaning: "Places that a worker holds for nodes of connected sets that are about to begin",
  },
  zerovm_wires: {
    type: "gauge",
    labels: [],
    meaning: "Connections of sessions of a worker to other sessions",
  },
  zerovm_brought_bytes: {
    type: "gauge",
    labels: [],
    meaning: "Bytes on the disk of a worker that were brought for its sessions from elsewhere",
  },
  zerovm_cells_warm: {
    type: "gauge",
    labels: [],
    meaning: "Cells that wait for a session",
  },
  zerovm_start_time_seconds: {
    type: "gauge",
    labels: [],
    meaning: "When the server started, in seconds since 1970",
  },
} as const satisfies Readonly<Record<string, MetricKind>>;

export type MetricName = keyof typeof METRICS;

/** What a request is for. */
export const REQUEST_KINDS = ["account", "container", "object", "job", "auth", "other"] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];
