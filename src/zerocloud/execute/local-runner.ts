import { CellPool } from "../../zerovm/pool/index.ts";
import type { PlacementRow } from "../placement/index.ts";
import type { Plan } from "../plan/index.ts";
import type { JobResult } from "../result/index.ts";
import { JobHost, type JobRequest, type JobRunner, type ProgramFile } from "../run/index.ts";
import type { Storage } from "../storage/index.ts";
import { jobDoorOf } from "./job-door.ts";
import { ProgramTurns } from "./program-turns.ts";
import type { ExecutorSettings } from "./settings.ts";

/** Runs the jobs of a server on its own machine, and judges programs there. */
export class LocalRunner implements JobRunner {
  /** The line in which programs wait to be judged. */
  readonly turns: ProgramTurns;
  readonly #cells: CellPool | undefined;
  readonly #host: JobHost;

  constructor(settings: ExecutorSettings) {
    const { warmCells, queuedPerAccount, systemImages } = settings;
    this.#cells = warmCells > 0 ? new CellPool({ size: warmCells }) : undefined;
    this.turns = new ProgramTurns(queuedPerAccount);
    this.#host = new JobHost({
      programDoor: this.turns,
      systemImages,
      admission: jobDoorOf(settings),
      ...(this.#cells !== undefined && { cells: this.#cells }),
    });
  }

  get systemImages(): readonly string[] {
    return this.#host.systemImages;
  }

  get waitingCells(): number {
    return this.#host.waitingCells;
  }

  async run(plan: Plan, storage: Storage, request: JobRequest): Promise<JobResult> {
    return await this.#host.run(plan, storage, request);
  }

  async place(plan: Plan): Promise<readonly PlacementRow[]> {
    return await this.#host.place(plan);
  }

  /** As `JobHost.faultOf`. */
  async faultOf(file: ProgramFile, request: Omit<JobRequest, "id">): Promise<string | undefined> {
    return await this.#host.faultOf(file, request);
  }

  async close(): Promise<void> {
    this.#cells?.close();
    await this.#host.close();
  }
}
