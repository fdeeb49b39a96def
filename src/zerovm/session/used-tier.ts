import type { Tier } from "../report/index.ts";
import type { Isolation } from "../walls/index.ts";

/** What is asked of a session, where this process runs it as well as elsewhere. */
interface Asked {
  readonly tier?: Tier;
  readonly isolation?: Isolation;
}

/** The tier that a session has: the engine of a process that runs cannot be told to optimise. */
export function usedTier({ tier = "auto", isolation }: Asked): Tier {
  return tier === "optimise" && isolation === "none" ? "dynamic" : tier;
}
