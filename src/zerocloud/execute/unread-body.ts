import { cgiKindOf } from "../cgi/index.ts";
import type { Plan } from "../plan/index.ts";
import { type Refusal, refuse } from "../result/index.ts";
import type { Submission } from "./submission.ts";

/**
 * Refuses the body of a request whose job is an object, where nothing of the job can read it: it
 * was meant to be the job, or as data for somebody, and would be lost without a word.
 */
export async function unreadBody(
  { body, hasSource = false }: Submission,
  plan: Plan,
): Promise<Refusal | undefined> {
  if (!hasSource || body === undefined || mayBeRead(plan)) return undefined;
  // Of a body in chunks only the reading tells whether there is anything in it.
  if (body.announcedBytes === undefined && (await body.read()).sizeBytes === 0) return undefined;
  return refuse(
    400,
    "X-Zerovm-Source names the job, and the body of the request is its data, which none of its nodes " +
      "takes: give a node the device stdin without a path, or send no body",
  );
}

/** An output with a head can be the next job, and its nodes can take it. */
function mayBeRead({ nodes }: Plan): boolean {
  return nodes.some(({ channels }) =>
    channels.some((channel) => {
      if (channel.kind === "body") return true;
      return channel.kind === "response" && cgiKindOf(channel.contentType) !== undefined;
    }),
  );
}
