/** The planner of ZeroCloud: a job and the listings it needs, to all that has to run. Pure. */
export { type Access, accessesOf } from "./accesses.ts";
export { remoteItems } from "./attachment.ts";
export { type NodeEnd, PlanEnds } from "./ends.ts";
export { type Instance, instancesOf } from "./instances.ts";
export { judgeJob } from "./judge.ts";
export {
  type FoundMatches,
  findMatches,
  type Listed,
  type Listings,
  type ListRequest,
  type Match,
  type Matches,
  PAGE_NAMES,
} from "./matches.ts";
export { fillStars, Pattern } from "./pattern.ts";
export {
  type Attachment,
  type BodyChannel,
  type Connection,
  type ImageChannel,
  type InputChannel,
  type Plan,
  type PlannedChannel,
  type PlannedNode,
  type PlannedProgram,
  pathOfItem,
  type ResponseChannel,
  type SocketChannel,
  type StoredChannel,
  type StoredItem,
} from "./plan.ts";
export { expandJob, type PlannedJob, planJob } from "./plan-job.ts";
export { type PlanSettings, STANDARD_PLAN_SETTINGS } from "./settings.ts";
