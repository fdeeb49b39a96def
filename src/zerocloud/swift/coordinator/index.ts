/** The coordinator beside a proxy: takes jobs and plans them. */
export { Coordinator, type CoordinatorParts } from "./coordinator.ts";
export { serveCoordinator } from "./serve-coordinator.ts";
