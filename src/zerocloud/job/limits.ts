/** Every limit of a job: what one document can cost the server that reads it. */
export interface JobLimitKind {
  readonly unit: string;
  readonly standard: number;
  readonly maximum: number;
  readonly meaning: string;
}

export const JOB_LIMIT_TABLE = {
  "job-bytes": {
    unit: "bytes",
    standard: 65_536,
    maximum: 2 ** 24,
    meaning: "The text of the job",
  },
  "job-depth": {
    unit: "levels",
    standard: 32,
    maximum: 500,
    meaning: "Arrays and objects in each other; a job needs five",
  },
  "job-findings": {
    unit: "findings",
    standard: 1000,
    maximum: 100_000,
    meaning: "What is reported of one job; the rest is only counted",
  },
  nodes: {
    unit: "instances",
    standard: 1000,
    maximum: 100_000,
    meaning: "Nodes of a job, copies of `replicate` included",
  },
  copies: {
    unit: "copies",
    standard: 16,
    maximum: 1000,
    meaning: "`replicate`: parallel copies of one node",
  },
  connections: {
    unit: "connections",
    standard: 100_000,
    maximum: 1_000_000,
    meaning: "Pairs of nodes of which one writes to the other",
  },
  channels: {
    unit: "channels",
    standard: 100_000,
    maximum: 1_000_000,
    meaning: "Channels of all nodes together, connections not counted",
  },
  names: {
    unit: "names",
    standard: 1_000_000,
    maximum: 100_000_000,
    meaning: "Containers and objects that are looked at for the wildcards of a job",
  },
} as const satisfies Record<string, JobLimitKind>;

export type JobLimitName = keyof typeof JOB_LIMIT_TABLE;

export type JobLimits = Readonly<Record<JobLimitName, number>>;

export const STANDARD_JOB_LIMITS: JobLimits = Object.freeze(
  Object.fromEntries(Object.entries(JOB_LIMIT_TABLE).map(([name, kind]) => [name, kind.standard])),
) as JobLimits;
