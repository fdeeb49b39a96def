import { createRequire } from "node:module";
import type * as Prometheus from "prom-client";
import { METRICS, type MetricName, type RequestKind } from "./names.ts";

export interface RequestFigures {
  readonly method: string;
  readonly kind: RequestKind;
  readonly status: number;
  readonly seconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Figures that are asked for when somebody looks; what is not known is left out. */
export interface Gauges {
  readonly connections?: number;
  readonly storeAccounts?: number;
  readonly storeContainers?: number;
  readonly storeObjects?: number;
  readonly storeBytes?: number;
  readonly jobsRunning?: number;
  readonly jobsQueued?: number;
  readonly sessions?: number;
  readonly placesHeld?: number;
  readonly wires?: number;
  readonly broughtBytes?: number;
  readonly cellsWarm?: number;
}

export type JobEnd = "ok" | "failed" | "refused" | "cancelled";

const SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600];

/** Methods with a label of their own: anybody can send any other. */
const METHODS: readonly string[] = ["GET", "HEAD", "PUT", "POST", "DELETE", "COPY", "OPTIONS"];

/** Counts what a server does. Nothing in it grows with accounts, names or clients. */
export class Metrics {
  readonly #client = loadClient();
  readonly #registry = new this.#client.Registry();
  readonly #counters = new Map<MetricName, Prometheus.Counter>();
  readonly #histograms = new Map<MetricName, Prometheus.Histogram>();
  readonly #gauges = new Map<MetricName, Prometheus.Gauge>();
  readonly #look: () => Gauges | Promise<Gauges>;

  /** @param look gives what is there at the moment, when the figures are asked for */
  constructor(look: () => Gauges | Promise<Gauges> = () => ({})) {
    this.#look = look;
    for (const name of Object.keys(METRICS) as MetricName[]) this.#make(name);
    this.#gauges.get("zerovm_start_time_seconds")?.set(Math.floor(Date.now() / 1000));
  }

  #make(name: MetricName): void {
    const { type, labels, meaning } = METRICS[name];
    const shape = { name, help: meaning, labelNames: [...labels], registers: [this.#registry] };
    if (type === "counter") this.#counters.set(name, new this.#client.Counter(shape));
    else if (type === "gauge") this.#gauges.set(name, new this.#client.Gauge(shape));
    else {
      const histogram = new this.#client.Histogram({ ...shape, buckets: SECONDS });
      this.#histograms.set(name, histogram);
    }
  }

  /** Counts a request that was answered, or whose client went away. */
  countRequest({ method, kind, status, seconds, bytesIn, bytesOut }: RequestFigures): void {
    const known = METHODS.includes(method) ? method : "other";
    const labels = { method: known, status: `${Math.floor(status / 100)}xx`, kind };
    this.#counters.get("zerovm_http_requests_total")?.inc(labels);
    this.#histograms.get("zerovm_http_request_seconds")?.observe({ kind }, seconds);
    this.#counters.get("zerovm_http_received_bytes_total")?.inc({ kind }, bytesIn);
    this.#counters.get("zerovm_http_sent_bytes_total")?.inc({ kind }, bytesOut);
  }

  countJob(outcome: JobEnd): void {
    this.#counters.get("zerovm_jobs_ended_total")?.inc({ outcome });
  }

  countSession(seconds: number): void {
    this.#histograms.get("zerovm_session_seconds")?.observe(seconds);
  }

  /** The type of `text()`, for a header. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All figures as Prometheus reads them. */
  async text(): Promise<string> {
    const seen = await this.#look();
    this.#set("zerovm_http_connections", seen.connections);
    this.#set("zerovm_store_accounts", seen.storeAccounts);
    this.#set("zerovm_store_containers", seen.storeContainers);
    this.#set("zerovm_store_objects", seen.storeObjects);
    this.#set("zerovm_store_bytes", seen.storeBytes);
    this.#set("zerovm_jobs", seen.jobsRunning, { state: "running" });
    this.#set("zerovm_jobs", seen.jobsQueued, { state: "queued" });
    this.#set("zerovm_sessions", seen.sessions);
    this.#set("zerovm_places_held", seen.placesHeld);
    this.#set("zerovm_wires", seen.wires);
    this.#set("zerovm_brought_bytes", seen.broughtBytes);
    this.#set("zerovm_cells_warm", seen.cellsWarm);
    return await this.#registry.metrics();
  }

  /** A figure that nobody knows is not there: 0 would be an answer. */
  #set(name: MetricName, value: number | undefined, labels: Record<string, string> = {}): void {
    const gauge = this.#gauges.get(name);
    if (value === undefined) gauge?.remove(labels);
    else gauge?.set(labels, value);
  }
}

/** Loads the package when a server starts: no other command needs it. */
function loadClient(): typeof Prometheus {
  return createRequire(import.meta.filename)("prom-client") as typeof Prometheus;
}
