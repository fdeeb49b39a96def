/** The worker beside an object server: runs one node with what it is handed. */
export { serveWorker, type WiresAddress, type WorkerSettings } from "./serve-worker.ts";
export { Worker, type WorkerParts } from "./worker.ts";
