import { type Answer, headerOf, sizeOfBody } from "./answer.ts";

export interface ChainLimits {
  /** Steps are begun as long as all before them took less. */
  readonly seconds: number;
  /** A longer answer is no job. */
  readonly jobBytes: number;
}

/** As in the original: 20 seconds, and the size of any other job. */
export const STANDARD_CHAIN_LIMITS: ChainLimits = Object.freeze({ seconds: 20, jobBytes: 65_536 });

/**
 * Whether the body of an answer is the next job of a chain, to be sent as the same user to the same
 * account, or goes to the client as it is. Its status does not matter; a body that is too long
 * goes to the client.
 * @param elapsedSeconds of all steps so far, by the clock of the wall
 */
export function nextOfChain(
  answer: Answer,
  elapsedSeconds: number,
  limits: ChainLimits = STANDARD_CHAIN_LIMITS,
): "job" | "answer" {
  const isAsked = (headerOf(answer, "X-Zerovm-Execute") ?? "") !== "";
  const isJson = headerOf(answer, "Content-Type") === "application/json";
  const isJob = isAsked && isJson && sizeOfBody(answer.body) <= limits.jobBytes;
  return isJob && elapsedSeconds < limits.seconds ? "job" : "answer";
}
