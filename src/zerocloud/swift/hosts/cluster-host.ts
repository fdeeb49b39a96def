import { type PlacementRow, placementReport } from "../../placement/index.ts";
import type { Plan } from "../../plan/index.ts";
import type { JobResult } from "../../result/index.ts";
import {
  type Admission,
  type JobRequest,
  JobRun,
  type JobRunner,
  STANDARD_TRANSFER_LIMITS,
} from "../../run/index.ts";
import type { Storage } from "../../storage/index.ts";
import type { Cluster } from "./cluster.ts";
import { ClusterPlace } from "./cluster-place.ts";
import { hostLabel } from "./host-label.ts";
import { JobItems } from "./job-items.ts";

/** Runs plans on the hosts of a cluster. */
export class ClusterHost implements JobRunner {
  readonly systemImages: readonly string[];
  /** Cells wait on the hosts, if anywhere. */
  readonly waitingCells = 0;
  readonly #cluster: Cluster;
  readonly #admission: Admission;
  readonly #closing = new Set<Promise<void>>();

  /** @param systemImages that all workers have */
  constructor(cluster: Cluster, systemImages: readonly string[], admission: Admission) {
    this.#cluster = cluster;
    this.systemImages = systemImages;
    this.#admission = admission;
  }

  async run(plan: Plan, storage: Storage, request: JobRequest): Promise<JobResult> {
    return await this.#with(plan, storage, request, async (place) => {
      return await new JobRun(plan, request, { place, storage, admission: this.#admission }).run();
    });
  }

  async place(plan: Plan, storage: Storage, request: JobRequest): Promise<readonly PlacementRow[]> {
    return await this.#with(plan, storage, request, async (place) => {
      for (const node of plan.nodes) await place.prepare(node);
      return placementReport(place.placeAll(), hostLabel);
    });
  }

  /** Does something with the cluster as the place of one job, and closes what was brought. */
  async #with<Result>(
    plan: Plan,
    storage: Storage,
    request: JobRequest,
    act: (place: ClusterPlace) => Promise<Result>,
  ): Promise<Result> {
    const { inputBytes } = request.limits ?? STANDARD_TRANSFER_LIMITS;
    const items = new JobItems(storage, inputBytes);
    try {
      return await act(new ClusterPlace(this.#cluster, { plan, storage, request }, items));
    } finally {
      const closing = items.close().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closing);
  }
}
