import { type Group, hasErrors, type Job, type JobFinding, orderFindings } from "../job/index.ts";
import { attachmentOf, remoteItems } from "./attachment.ts";
import { ChannelMaker, itemOfUrl } from "./channels.ts";
import { connectGroups } from "./connections.ts";
import { judgeJob } from "./judge.ts";
import { judgeNodes } from "./judge-nodes.ts";
import { findMatches, type Listings, type Matches } from "./matches.ts";
import type { Plan, PlannedNode, PlannedProgram } from "./plan.ts";
import { PlanReport } from "./report.ts";
import type { PlanSettings } from "./settings.ts";
import { type NodeSeed, type WideGroup, widenGroups } from "./width.ts";

export interface PlannedJob {
  /** Present when no finding is an error. */
  readonly plan?: Plan;
  /** Errors in the order of the text, then warnings. */
  readonly findings: readonly JobFinding[];
}

/** Plans a job: judges it, lists what its wildcards stand for, and expands it. */
export async function planJob(
  job: Job,
  listings: Listings,
  settings: PlanSettings,
): Promise<PlannedJob> {
  const judged = judgeJob(job, settings);
  if (hasErrors(judged)) return ended(judged, settings);
  const { matches, findings } = await findMatches(job, listings, settings);
  if (hasErrors(findings)) return ended([...judged, ...findings], settings);
  const { plan, findings: expanded } = expandJob(job, matches, settings);
  const found = [...judged, ...findings, ...expanded];
  const all = ended(found, settings);
  return plan === undefined ? all : { plan, ...all };
}

function ended(findings: readonly JobFinding[], settings: PlanSettings): PlannedJob {
  return { findings: orderFindings(findings, settings.limits["job-findings"]) };
}

/**
 * Expands a judged job to its nodes. The same job with the same matches is the same plan.
 * @param matches what each wildcard stands for; one that is missing stands for nothing.
 */
export function expandJob(job: Job, matches: Matches, settings: PlanSettings): PlannedJob {
  const report = new PlanReport();
  const groups = widenGroups(job, matches, settings, report);
  if (report.hasErrors) return { findings: report.findings };
  const connections = connectGroups(groups, settings, report);
  const connected = new Set(connections.flatMap(({ from, to }) => [from, to]));
  const nodeCount = groups.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const nodes = groups.flatMap((wide) => {
    const maker = new ChannelMaker(wide, settings, report);
    return wide.nodes.map((seed) => {
      const pool = connected.has(seed.id) ? "cluster" : "default";
      return nodeOf(wide, seed, { maker, pool, nodeCount, account: settings.account });
    });
  });
  const plan = { nodes, connections };
  judgeNodes(groups, plan, report);
  return report.hasErrors ? { findings: report.findings } : { plan, findings: report.findings };
}

interface Surroundings {
  readonly maker: ChannelMaker;
  readonly pool: PlannedNode["pool"];
  readonly nodeCount: number;
  readonly account: string;
}

function nodeOf({ group }: WideGroup, seed: NodeSeed, around: Surroundings): PlannedNode {
  const { id, name, captures } = seed;
  const channels = around.maker.channelsOf(seed);
  const attachment = attachmentOf(group, channels);
  const copies = Math.max(1, group.replicate);
  return {
    id,
    name,
    group: group.name,
    program: programOf(group, around.account),
    programName: group.exec.name === "" ? name : group.exec.name,
    args: group.exec.args,
    env: group.exec.env,
    channels,
    ...(attachment === undefined ? {} : { attachment }),
    ...(group.attach === undefined ? {} : { attach: group.attach }),
    ...(group.location === undefined ? {} : { location: group.location }),
    instances: Array.from({ length: copies }, (_, copy) => id + copy * around.nodeCount),
    pool: around.pool,
    captures,
    transfers: remoteItems(channels, attachment),
  };
}

function programOf({ exec: { program } }: Group, account: string): PlannedProgram {
  const { text: url } = program;
  if (program.scheme === "swift") return { kind: "object", item: itemOfUrl(program, account), url };
  return { kind: "image-file", image: program.image, path: program.path, url };
}
