/** ZeroCloud inside OpenStack Swift: a coordinator beside a proxy, workers beside the objects. */
export { Coordinator, type CoordinatorParts } from "./coordinator.ts";
export { serveCoordinator } from "./serve-coordinator.ts";
export { serveWorker, type WiresAddress, type WorkerSettings } from "./serve-worker.ts";
export type { ServeRequest } from "./serving.ts";
export { Worker, type WorkerParts } from "./worker.ts";
