import { FolderStorage } from "./folders/index.ts";
import { type FolderPlan, openStore, planWith } from "./plan-on-folders.ts";
import type { JobResult } from "./result/index.ts";
import { JobHost, type JobRequest, type ProgramEnvironment } from "./run/index.ts";

/** A plan over folders, and what came of it. */
export interface FolderRun extends FolderPlan {
  /** Missing where a finding is an error. Its bodies are read or released by the caller. */
  readonly result?: JobResult;
}

export interface FolderRunOptions extends JobRequest {
  /** Paths of tar archives by the names that the job knows them by. */
  readonly systemImages?: ReadonlyMap<string, string>;
  /** Told the plan before it begins. */
  readonly onPlan?: (planned: FolderPlan) => void;
}

/** Variables of CGI where there is no request of HTTP. */
const NO_REQUEST: ProgramEnvironment = ({ name, url }) => [
  ["GATEWAY_INTERFACE", "CGI/1.1"],
  ["SERVER_SOFTWARE", "zerocloud"],
  ["REQUEST_METHOD", "POST"],
  ["PATH_INFO", "/~"],
  ["SCRIPT_NAME", name],
  ["SCRIPT_FILENAME", url],
];

/**
 * Runs a job whose containers are the sub-folders of a folder.
 * @param text the job, UTF-8
 * @throws ZvmError ZVM_FILE where the folder cannot be read
 */
export async function runOnFolders(
  text: Uint8Array,
  folder: string,
  options: FolderRunOptions,
): Promise<FolderRun> {
  const { systemImages = new Map(), onPlan, ...request } = options;
  const storage = openStore(folder, () => new FolderStorage(folder));
  const host = new JobHost({ systemImages });
  try {
    const known = {
      systemImages: host.systemImages,
      hasPostedImage: request.postedImage !== undefined,
    };
    const planned = await planWith(text, storage, known);
    onPlan?.(planned);
    if (planned.plan === undefined) return planned;
    const environment = request.environment ?? NO_REQUEST;
    const result = await host.run(planned.plan, storage, { ...request, environment });
    return { ...planned, result };
  } finally {
    await host.close();
    storage.close();
  }
}
