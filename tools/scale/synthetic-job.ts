import { parseJob, STANDARD_JOB_LIMITS } from "../../src/zerocloud/job/index.ts";
import {
  type Listed,
  type Listings,
  type ListRequest,
  type Plan,
  planJob,
  STANDARD_PLAN_SETTINGS,
} from "../../src/zerocloud/plan/index.ts";
import { Random } from "../soak/random.ts";

export const ACCOUNT = "AUTH_scale";
export const CONTAINER = "logs";

/** Half of the objects are smaller than this. */
export const MEDIAN_BYTES = 4_000_000;
/** The standard deviation of the logarithm of their sizes. */
export const SIZE_SIGMA = 1.5;

/** One node for each object of a container, each with one output. */
const JOB = [
  {
    name: "count",
    exec: { path: "swift://~/apps/count.wasm", args: "--by status" },
    devices: [
      { name: "stdin", path: `swift://~/${CONTAINER}/*.log` },
      { name: "stdout", path: "swift://~/counts/*.json", content_type: "application/json" },
    ],
  },
];

/** Names of objects in the order of a listing. */
export function objectNames(count: number): string[] {
  const digits = String(count).length;
  return Array.from({ length: count }, (_, at) => {
    const number = String(at).padStart(digits, "0");
    return `2026/11/${String(1 + Math.floor((at * 30) / count)).padStart(2, "0")}/web-${number}.log`;
  });
}

/** Log-normal sizes. */
export function objectSizes(count: number, seed: number): Float64Array {
  const random = new Random(seed);
  const unit = () => (random.below(2 ** 31) + 1) / (2 ** 31 + 1);
  return Float64Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit());
    return Math.round(MEDIAN_BYTES * Math.exp(SIZE_SIGMA * normal));
  });
}

/** Plans the job over a container of these names, with the limits that it takes. */
export async function planOver(names: readonly string[]): Promise<Plan> {
  const limits = {
    ...STANDARD_JOB_LIMITS,
    nodes: Math.max(STANDARD_JOB_LIMITS.nodes, names.length),
    channels: Math.max(STANDARD_JOB_LIMITS.channels, 2 * names.length),
    names: Math.max(STANDARD_JOB_LIMITS.names, names.length),
  };
  const { job, findings } = parseJob(JSON.stringify(JOB), limits);
  if (job === undefined) throw new Error(`The job is wrong: ${findings[0]?.message}`);
  const settings = { ...STANDARD_PLAN_SETTINGS, account: ACCOUNT, limits };
  const planned = await planJob(job, new SortedListing(names), settings);
  if (planned.plan === undefined) throw new Error(`No plan: ${planned.findings[0]?.message}`);
  return planned.plan;
}

/** Listings of one container whose names are in order: a page takes time for itself alone. */
class SortedListing implements Listings {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  async list({ container, prefix, marker, limit }: ListRequest): Promise<Listed> {
    if (container !== CONTAINER) return { refusal: "missing" };
    const start = marker > prefix ? this.#firstAfter(marker) : 0;
    const names: string[] = [];
    for (let at = start; at < this.#names.length && names.length < limit; at += 1) {
      const name = this.#names[at];
      if (name?.startsWith(prefix)) names.push(name);
    }
    return { names };
  }

  #firstAfter(marker: string): number {
    let [low, high] = [0, this.#names.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#names[middle] ?? "") > marker) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
