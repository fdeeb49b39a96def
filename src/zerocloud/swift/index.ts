/** ZeroCloud inside OpenStack Swift: a coordinator beside a proxy, workers beside the objects. */
export { Coordinator, type CoordinatorParts, serveCoordinator } from "./coordinator/index.ts";
export type { ServeRequest } from "./sockets/index.ts";
export {
  serveWorker,
  type WiresAddress,
  Worker,
  type WorkerParts,
  type WorkerSettings,
} from "./worker/index.ts";
