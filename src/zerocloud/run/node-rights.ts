import type { Variable } from "../cgi/index.ts";
import type { PlannedChannel, PlannedNode } from "../plan/index.ts";
import { isRefusal } from "../result/index.ts";
import type { Storage } from "../storage/index.ts";
import { Refusal, refused, unstoredText } from "./refusal.ts";
import type { JobRequest } from "./settings.ts";

/** What is said of data that is more than a channel may pass. */
export const TOO_LARGE = "Data object too large";

/** The channels of a node as they are asked for: the object beside which it runs comes first. */
export function attachedFirst({ channels, attachment }: PlannedNode): PlannedChannel[] {
  const isLocal = (channel: PlannedChannel): boolean => channel.device === attachment?.device;
  return [...channels.filter(isLocal), ...channels.filter((channel) => !isLocal(channel))];
}

/**
 * The right to write is asked for before the run, and once more when something is stored.
 * @throws Refusal with the status and text that clients get
 */
export async function allowOutputs({ channels }: PlannedNode, storage: Storage): Promise<void> {
  for (const channel of channels) {
    if (channel.kind !== "stored") continue;
    try {
      await storage.authorize(channel.item, "write");
    } catch (error) {
      throw refused(error, (status) => unstoredText(status, channel.item, error));
    }
  }
}

/**
 * What the program of a node learns of the request.
 * @throws Refusal where the variables do not fit into a session
 */
export function requestVariables(
  { programName: name, program: { url } }: PlannedNode,
  { environment }: JobRequest,
): readonly Variable[] {
  const variables = environment?.({ name, url }) ?? [];
  if (isRefusal(variables)) throw new Refusal(variables.status, variables.text);
  return variables;
}
