import type { CellPool } from "../../zerovm/pool/index.ts";
import { type PlacementRow, placementHere } from "../placement/index.ts";
import { type NodeEnd, type Plan, PlanEnds, type PlannedNode } from "../plan/index.ts";
import type { JobResult } from "../result/index.ts";
import type { Storage } from "../storage/index.ts";
import { type Admission, OPEN_ADMISSION } from "./admission.ts";
import { ImageShelf } from "./image-shelf.ts";
import { type FileSources, JobFiles } from "./job-files.ts";
import { JobRun } from "./job-run.ts";
import type { JobRunner } from "./job-runner.ts";
import { LocalPlace } from "./local-place.ts";
import { sessionBase } from "./node-manifest.ts";
import { type NodeSession, runNodeSession, type SessionWires } from "./node-session.ts";
import type { ReadItem } from "./opened-item.ts";
import { openNode } from "./opened-node.ts";
import { ProgramCells } from "./program-cells.ts";
import type { ProgramDoor } from "./program-door.ts";
import { type ProgramFile, ProgramShelf } from "./program-shelf.ts";
import { ProgramThreads } from "./program-threads.ts";
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
  /**
   * Judges programs in threads, each when it is the turn of its account: for who has others to
   * answer meanwhile. Without it they are judged in this thread.
   */
  readonly programDoor?: ProgramDoor;
}

/** What connects one session with those of other nodes, wherever they are. */
export interface NodeWires extends SessionWires {
  /** The channels that lead there, in the order of the manifest. */
  readonly ends: readonly NodeEnd[];
}

/** Where jobs run: what is kept from one to the next, which is programs, images and cells. */
export class JobHost implements JobRunner {
  readonly #images: ImageShelf;
  readonly #programs: ProgramShelf;
  readonly #cells: CellPool | undefined;
  readonly #ofPrograms: ProgramCells | undefined;
  readonly #admission: Admission;
  readonly #threads: ProgramThreads | undefined;
  readonly #door: ProgramDoor | undefined;
  readonly #closing = new Set<Promise<void>>();

  constructor(options: JobHostOptions = {}) {
    this.#images = new ImageShelf(options.systemImages ?? new Map());
    // Where no cells wait for any program, none wait for one.
    const ofPrograms = options.cells === undefined ? undefined : new ProgramCells();
    const { programsMax, programDoor } = options;
    const threads = programDoor === undefined ? undefined : new ProgramThreads();
    this.#threads = threads;
    this.#door = programDoor;
    this.#programs = new ProgramShelf({
      ...(programsMax !== undefined && { programsMax }),
      ...(ofPrograms !== undefined && { cells: ofPrograms }),
      ...(programDoor !== undefined && { door: programDoor }),
      ...(threads !== undefined && {
        make: async (manifest, turn) => await threads.make(manifest, turn),
      }),
    });
    this.#ofPrograms = ofPrograms;
    this.#cells = options.cells;
    this.#admission = options.admission ?? OPEN_ADMISSION;
  }

  /** What jobs may name as system images: for `PlanSettings.systemImages`. */
  get systemImages(): readonly string[] {
    return this.#images.names;
  }

  /** Cells that wait, for any program and for some. */
  get waitingCells(): number {
    return (this.#cells?.state.waiting ?? 0) + (this.#ofPrograms?.waiting ?? 0);
  }

  /**
   * Runs a plan over a store. Whatever goes wrong with a node is in its result; the bodies of the
   * result are the caller's to read or release.
   */
  async run(plan: Plan, storage: Storage, request: JobRequest): Promise<JobResult> {
    const files = this.#filesOf(storage, request);
    try {
      const place = new LocalPlace(files, request, this.#cells, new PlanEnds(plan));
      const around = { place, storage, admission: this.#admission };
      return await new JobRun(plan, request, around).run();
    } finally {
      this.#letGo(files);
    }
  }

  async place(plan: Plan): Promise<readonly PlacementRow[]> {
    return placementHere(plan);
  }

  /**
   * Runs one session of a node, out of a storage that has all that it reads, listings included.
   * Whoever calls closes its outputs. Wires are the caller's until they are taken.
   * @throws Refusal where it cannot begin, and what the storage throws
   */
  async runNode(
    node: PlannedNode,
    storage: Storage,
    request: JobRequest & { readonly signal: AbortSignal },
    connected: NodeWires | undefined = undefined,
  ): Promise<NodeSession> {
    const { signal, body } = request;
    const files = this.#filesOf(storage, request, async (item) => await storage.read(item));
    try {
      const opened = await openNode(node, files, request, connected?.ends);
      return await runNodeSession(opened, {
        cells: this.#cells,
        body,
        comparesOutputs: node.instances.length > 1,
        signal,
        onErrorText: () => undefined,
        ...(connected !== undefined && { wires: connected }),
      });
    } finally {
      this.#letGo(files);
    }
  }

  #filesOf(storage: Storage, request: JobRequest, read?: ReadItem): JobFiles {
    const { inputBytes: inputBytesMax } = request.limits ?? STANDARD_TRANSFER_LIMITS;
    return new JobFiles({
      storage,
      ...(read !== undefined && { read }),
      programs: this.#programs,
      images: this.#images,
      postedImage: request.postedImage,
      inputBytesMax,
      signal: request.signal,
      account: request.account ?? "",
      ...this.#indexFor(request),
    });
  }

  /**
   * Why a program would not be run, as sessions of jobs judge it; undefined where it would. What
   * was made of it for that is kept where there is room, so that the first session costs nothing
   * of it.
   * @throws Refusal where it is larger than a program can be; what the door of programs throws,
   *   and the host's errors
   */
  async faultOf(file: ProgramFile, request: Omit<JobRequest, "id">): Promise<string | undefined> {
    const { manifest } = sessionBase({ id: 0 }, request);
    const { account = "", signal } = request;
    const asked = { account, use: "judge", ...(signal !== undefined && { signal }) } as const;
    const taken = await this.#programs.take(file, manifest, asked);
    try {
      const { verdict, module } = taken;
      if (verdict.kind === "refused") return verdict.findings[0]?.message ?? verdict.code;
      return module === undefined ? "it cannot be made ready to run" : undefined;
    } finally {
      taken.release();
    }
  }

  /** Headers of images are read in the same threads, in the same turns. */
  #indexFor({ account = "", signal }: JobRequest): Pick<FileSources, "index"> {
    const [threads, door] = [this.#threads, this.#door];
    if (threads === undefined || door === undefined) return {};
    return {
      index: async (path, options) => {
        const turn = await door.enter(account, signal ?? new AbortController().signal);
        return await threads.index(path, options, turn).finally(turn.release);
      },
    };
  }

  /** Nobody waits for that: what a job had open is of no use to its answer. */
  #letGo(files: JobFiles): void {
    const closing = files.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /** Closes what is kept; jobs that run still have theirs. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#closing);
    this.#ofPrograms?.close();
    await this.#threads?.close();
    this.#programs.close();
    await this.#images.close();
  }
}
