/** Figures of the server for Prometheus, and what it says of its own health. */
export { Health, type HealthState, type Readiness } from "./health.ts";
export { type Gauges, type JobEnd, Metrics, type RequestFigures } from "./metrics.ts";
export { METRICS, REQUEST_KINDS, type RequestKind } from "./names.ts";
