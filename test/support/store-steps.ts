/** What writers of a store do in each step: lanes work at one time, each on names of its own. */
import { createHash } from "node:crypto";

export const LANES = 6;

const NAMES_OF_A_LANE = 5;
const MOST_BYTES = 60_000;

export type StepKind = "put" | "remove" | "copy" | "post" | "large";

/** One of ten steps each. */
const KINDS: readonly StepKind[] = [
  ...(["put", "put", "put", "put", "put"] as const),
  ...(["remove", "remove", "copy", "post", "large"] as const),
];

function dice(lane: number, step: number, what: string): number {
  return createHash("sha256").update(`${what} ${lane} ${step}`).digest().readUInt32BE(0);
}

export function stepKind(lane: number, step: number): StepKind {
  return KINDS[dice(lane, step, "kind") % KINDS.length] ?? "put";
}

export function nameOfStep(lane: number, step: number): string {
  return `lane ${lane}/${dice(lane, step, "name") % NAMES_OF_A_LANE}`;
}

/** What a step puts: its own numbers again and again, so that no two are alike. */
export function bytesOfStep(lane: number, step: number): Buffer {
  const size = dice(lane, step, "size") % MOST_BYTES;
  return Buffer.alloc(size, `${lane}-${step} `);
}

/** Segments of large objects: objects `0` to `3` of a container that no step changes. */
export const SEGMENT_CONTAINER = "segments";
export const SEGMENTS: readonly Buffer[] = [0, 1, 2, 3].map((index) =>
  Buffer.alloc(5000 + index, `segment ${index} `),
);

/** Indexes of the segments that a step makes a large object of. */
export function segmentsOfStep(lane: number, step: number): readonly number[] {
  return segmentsFrom(dice(lane, step, "first") % 4, 1 + (dice(lane, step, "count") % 4));
}

function segmentsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (first + index) % SEGMENTS.length);
}

const segmentOf = (index: number): Buffer => SEGMENTS[index] ?? Buffer.alloc(0);

/** MD5 over the etags of the segments. */
function largeEtag(indexes: readonly number[]): string {
  return md5Of(Buffer.from(indexes.map((index) => md5Of(segmentOf(index))).join("")));
}

/** MD5 of the bytes of every large object that a step may make, by its etag. */
export function digestsOfLarge(): ReadonlyMap<string, string> {
  const all = [0, 1, 2, 3].flatMap((first) =>
    [1, 2, 3, 4].map((count) => segmentsFrom(first, count)),
  );
  return new Map(
    all.map((indexes) => [largeEtag(indexes), md5Of(Buffer.concat(indexes.map(segmentOf)))]),
  );
}

export function md5Of(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

/** Metadata of an object: the step that told it. */
export const STEP_HEADER = "x-object-meta-step";

/** What is seen of an object: its etag, and the step that told its metadata. */
export function seenAs(etag: string, step: number | string | undefined): string {
  return `${etag} ${step}`;
}

/** Objects of a lane by their names, as `seenAs` has them. */
export type LaneState = ReadonlyMap<string, string>;

/** What a lane holds after one more step. */
export function afterStep(state: LaneState, lane: number, step: number): LaneState {
  const next = new Map(state);
  const name = nameOfStep(lane, step);
  const there = state.get(name);
  const source = state.get(nameOfStep(lane, step - 1));
  switch (stepKind(lane, step)) {
    case "put":
      return next.set(name, seenAs(md5Of(bytesOfStep(lane, step)), step));
    case "large":
      return next.set(name, seenAs(largeEtag(segmentsOfStep(lane, step)), step));
    case "remove":
      next.delete(name);
      return next;
    case "copy":
      return source === undefined ? next : next.set(name, source);
    case "post":
      return there === undefined ? next : next.set(name, seenAs(there.split(" ")[0] ?? "", step));
  }
}

/** Lanes of writers that are killed: what they said of their steps, and what may be there then. */
export class Lanes {
  readonly #lanes: Lane[] = Array.from({ length: LANES }, () => {
    return { state: new Map(), step: -1, isOpen: false };
  });

  /** A step that no lane has begun, nor one before it. */
  get nextStep(): number {
    return Math.max(...this.#lanes.map(({ step }) => step)) + 1;
  }

  begin(lane: number, step: number): void {
    Object.assign(this.#lane(lane), { step, isOpen: true });
  }

  /** The step that was begun last is acknowledged. */
  done(lane: number): void {
    const { state, step } = this.#lane(lane);
    Object.assign(this.#lane(lane), { state: afterStep(state, lane, step), isOpen: false });
  }

  /**
   * Compares what there is with what was acknowledged: a step that was only begun may have been
   * done or not. What there is counts from now on.
   * @param objects of all lanes, as `seenAs` has them
   * @returns lanes that hold something else, in words
   */
  judge(objects: ReadonlyMap<string, string>): string[] {
    return this.#lanes.flatMap((lane, index) => {
      const { state, step, isOpen } = lane;
      const found = textOf([...objects].filter(([name]) => name.startsWith(`lane ${index}/`)));
      const allowed = isOpen ? [state, afterStep(state, index, step)] : [state];
      const taken = allowed.find((one) => textOf([...one]) === found);
      Object.assign(lane, { state: taken ?? state, isOpen: false });
      return taken === undefined ? [`lane ${index} after step ${step} holds ${found}`] : [];
    });
  }

  #lane(index: number): Lane {
    const lane = this.#lanes[index];
    if (lane === undefined) throw new Error(`there is no lane ${index}`);
    return lane;
  }
}

interface Lane {
  /** After the last step that was acknowledged. */
  state: LaneState;
  step: number;
  /** A step was begun and not acknowledged. */
  isOpen: boolean;
}

function textOf(entries: readonly (readonly [string, string])[]): string {
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
