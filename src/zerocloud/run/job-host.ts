import type { CellPool } from "../../zerovm/pool/index.ts";
import type { Plan } from "../plan/index.ts";
import type { JobResult } from "../result/index.ts";
import type { Storage } from "../storage/index.ts";
import { type Admission, OPEN_ADMISSION } from "./admission.ts";
import { ImageShelf } from "./image-shelf.ts";
import { JobFiles } from "./job-files.ts";
import { JobRun } from "./job-run.ts";
import { ProgramShelf } from "./program-shelf.ts";
import { type JobRequest, STANDARD_TRANSFER_LIMITS } from "./settings.ts";

export interface JobHostOptions {
  /** Paths of tar archives by the names that jobs know them by. */
  readonly systemImages?: ReadonlyMap<string, string>;
  /** Cells that wait, owned by the caller; without it each session has a new one. */
  readonly cells?: CellPool;
  /** Who may begin beside whom; everybody at once unless given. */
  readonly admission?: Admission;
  /** Programs that are kept open. */
  readonly programsMax?: number;
}

/** Where jobs run: what is kept from one to the next, which is programs, images and cells. */
export class JobHost {
  readonly #images: ImageShelf;
  readonly #programs: ProgramShelf;
  readonly #cells: CellPool | undefined;
  readonly #admission: Admission;

  constructor(options: JobHostOptions = {}) {
    this.#images = new ImageShelf(options.systemImages ?? new Map());
    this.#programs = new ProgramShelf(options.programsMax);
    this.#cells = options.cells;
    this.#admission = options.admission ?? OPEN_ADMISSION;
  }

  /** What jobs may name as system images: for `PlanSettings.systemImages`. */
  get systemImages(): readonly string[] {
    return this.#images.names;
  }

  /**
   * Runs a plan over a store. Whatever goes wrong with a node is in its result; the bodies of the
   * result are the caller's to read or release.
   */
  async run(plan: Plan, storage: Storage, request: JobRequest): Promise<JobResult> {
    const { inputBytes: inputBytesMax } = request.limits ?? STANDARD_TRANSFER_LIMITS;
    const files = new JobFiles({
      storage,
      programs: this.#programs,
      images: this.#images,
      postedImage: request.postedImage,
      inputBytesMax,
    });
    try {
      const around = { files, cells: this.#cells, admission: this.#admission };
      return await new JobRun(plan, request, around).run();
    } finally {
      await files.close();
    }
  }

  /** Closes what is kept; jobs that run still have theirs. */
  async close(): Promise<void> {
    this.#programs.close();
    await this.#images.close();
  }
}
