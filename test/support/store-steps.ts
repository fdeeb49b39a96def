/** What `store-writer.ts` does in each step: lanes work at one time, each on names of its own. */
import { createHash } from "node:crypto";

export const LANES = 6;

const NAMES_OF_A_LANE = 5;
const MOST_BYTES = 60_000;

export type StepKind = "put" | "remove" | "copy";

function dice(lane: number, step: number, what: string): number {
  return createHash("sha256").update(`${what} ${lane} ${step}`).digest().readUInt32BE(0);
}

export function stepKind(lane: number, step: number): StepKind {
  const roll = dice(lane, step, "kind") % 10;
  if (roll < 7) return "put";
  return roll < 9 ? "remove" : "copy";
}

export function nameOfStep(lane: number, step: number): string {
  return `lane ${lane}/${dice(lane, step, "name") % NAMES_OF_A_LANE}`;
}

/** What a step puts: its own numbers again and again, so that no two are alike. */
export function bytesOfStep(lane: number, step: number): Buffer {
  const size = dice(lane, step, "size") % MOST_BYTES;
  return Buffer.alloc(size, `${lane}-${step} `);
}

/** Objects of a lane by their names, as etags. */
export type LaneState = ReadonlyMap<string, string>;

/** What a lane holds after one more step. */
export function afterStep(state: LaneState, lane: number, step: number): LaneState {
  const next = new Map(state);
  const name = nameOfStep(lane, step);
  const kind = stepKind(lane, step);
  if (kind === "put") {
    next.set(name, createHash("md5").update(bytesOfStep(lane, step)).digest("hex"));
  } else if (kind === "remove") next.delete(name);
  else {
    const source = state.get(nameOfStep(lane, step - 1));
    if (source !== undefined) next.set(name, source);
  }
  return next;
}
