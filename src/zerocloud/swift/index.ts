/** ZeroCloud inside OpenStack Swift: the coordinator beside the proxies, workers beside the objects. */
export { Coordinator, type CoordinatorParts } from "./coordinator.ts";
export { Worker, type WorkerParts } from "./worker.ts";
