import type { RequestFacts } from "../cgi/index.ts";
import {
  type AnswerWishes,
  answerOf,
  type ChainLimits,
  type JobResult,
  nextOfChain,
  readAnswer,
  releaseBodies,
} from "../result/index.ts";

const ASKS = "x-zerovm-execute";

/**
 * The text of the job that a result chains to; its bodies are released then. Undefined where the
 * result is the answer, whatever form that will have.
 */
export async function nextJobText(
  result: JobResult,
  wishes: AnswerWishes,
  limits: ChainLimits,
): Promise<Uint8Array | undefined> {
  const parts = result.instances.flatMap(({ responses }) => responses);
  const asks = parts.some(({ headers }) => headers.some(([name]) => name.toLowerCase() === ASKS));
  if (!asks) return undefined;
  const { boundary: _, ...plain } = wishes;
  const answer = answerOf(result, { ...plain, method: "POST", isJson: false });
  const { chainSeconds = 0 } = wishes;
  if (nextOfChain(answer, chainSeconds, limits) === "answer") return undefined;
  try {
    const pieces: Uint8Array[] = [];
    for await (const piece of readAnswer(answer)) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces);
  } finally {
    releaseResult(result);
  }
}

/** Lets go of all that a result has for an answer. */
export function releaseResult({ instances }: JobResult): void {
  releaseBodies(instances.flatMap(({ responses }) => responses.map(({ body }) => body)));
}

/** Headers of a request that go on from step to step. */
const KEPT: readonly string[] = ["host"];

/** What the programs of a later step learn: a POST of the job, by the same user. */
export function chainedFacts(
  { headers, ...facts }: RequestFacts,
  account: string,
  jobBytes: number,
): RequestFacts {
  const kept = Object.entries(headers).filter(([name]) => KEPT.includes(name));
  const query = facts.query === "" ? "" : `?${facts.query}`;
  return {
    ...facts,
    method: "POST",
    target: `/v1/${encodeURIComponent(account)}${query}`,
    pathInfo: `/${account}`,
    headers: {
      ...Object.fromEntries(kept),
      "content-type": "application/json",
      "content-length": String(jobBytes),
    },
  };
}
