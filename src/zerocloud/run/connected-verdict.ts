import type { Instance } from "../plan/index.ts";
import { differenceOfCopies } from "./compare-copies.ts";
import type { Ended, EndedSession } from "./instance-run.ts";
import { Refusal } from "./refusal.ts";
import type { JobRequest } from "./settings.ts";

/** An instance of connected nodes and what became of it. */
export interface EndedInstance {
  readonly instance: Instance;
  readonly ended: Ended;
}

/** What an end is to those it was connected with. */
export type Ending =
  | "well"
  /** By itself: it was killed, faulted, met a limit, was refused. */
  | "failed"
  /** A channel broke, which may be the doing of who wrote to it. */
  | "channel"
  /** Its time was over while it waited for another one. */
  | "waited"
  /** Because of another one, which it lost. */
  | "lost-peer"
  /** It was told to. */
  | "stopped";

/** A program that does not exit has not written its streams to the end. */
export function endingOf(ended: Ended, needsSuccess: boolean): Ending {
  if (ended === undefined) return "stopped";
  if (ended instanceof Refusal) return "failed";
  const { outcome, exitStatus } = ended.session.report;
  if (outcome.kind === "exited") return needsSuccess && exitStatus !== 0 ? "failed" : "well";
  if (outcome.kind === "limited" && outcome.waitingFor !== undefined) return "waited";
  if (outcome.kind !== "lost") return "failed";
  if (outcome.cause === "interrupted") return "stopped";
  if (outcome.cause === "peer") return "lost-peer";
  return outcome.cause === "channel" ? "channel" : "failed";
}

/** Whether such an end may be the doing of somebody else, of whom one may hear yet. */
export function mayBeDoneTo(ending: Ending): boolean {
  return ending === "channel" || ending === "waited" || ending === "lost-peer";
}

/** What is made of an instance in the result of its job. */
export type Verdict =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "failed"; readonly end: EndedSession }
  | { readonly kind: "differs"; readonly end: EndedSession; readonly difference: string }
  /** It ended well, and others did not, without which it is worth nothing. */
  | { readonly kind: "withheld"; readonly end: EndedSession; readonly cause?: Instance }
  | { readonly kind: "kept"; readonly end: EndedSession }
  /** Another one, or who asked for the job, ended it. */
  | {
      readonly kind: "dropped";
      readonly end: EndedSession | undefined;
      /** The first of them that failed; absent where none of them did. */
      readonly cause?: Instance;
    };

export interface JudgeOptions extends Pick<JobRequest, "onFailure" | "needsSuccess"> {
  /** None of them was the first to end the job. */
  readonly isEndedByOthers: boolean;
}

/**
 * What became of connected nodes. Where one of them failed none has made anything, and only those
 * are failures that failed by themselves: not those that lost them.
 * @param ended in the order of their ends
 */
export function judgeConnected(
  ended: readonly EndedInstance[],
  { onFailure, needsSuccess = false, isEndedByOthers }: JudgeOptions,
): ReadonlyMap<Instance, Verdict> {
  const judged = ended.map((one) => {
    const ending = endingOf(one.ended, needsSuccess);
    const isDoneTo = isEndedByOthers && mayBeDoneTo(ending);
    return { ...one, ending: isDoneTo ? "stopped" : ending };
  });
  const differences = differencesOf(judged);
  const verdicts = judged.map((one): [Instance, Verdict] => [
    one.instance,
    ownVerdict(one, differences.get(one.instance)),
  ]);
  const isWhole = judged.every(({ ending }) => ending === "well") && differences.size === 0;
  if (isWhole || onFailure === "continue") return new Map(verdicts);
  const causes = causesOf(judged, differences);
  return new Map(
    verdicts.map(([instance, verdict]) => {
      return [instance, causes.has(instance) ? verdict : asConsequence(verdict, causes)];
    }),
  );
}

interface JudgedInstance extends EndedInstance {
  readonly ending: Ending;
}

function ownVerdict({ ended, ending }: JudgedInstance, difference: string | undefined): Verdict {
  if (ended instanceof Refusal) return { kind: "refused", refusal: ended };
  if (ended === undefined || ending === "stopped") return { kind: "dropped", end: ended };
  if (ending !== "well") return { kind: "failed", end: ended };
  if (difference !== undefined) return { kind: "differs", end: ended, difference };
  return { kind: "kept", end: ended };
}

/** How copies differ from their node, by the instance that is the node itself. */
function differencesOf(judged: readonly JudgedInstance[]): ReadonlyMap<Instance, string> {
  const differences = new Map<Instance, string>();
  const well = judged.filter(({ ending }) => ending === "well");
  for (const first of well) {
    if (first.instance.copy !== 0) continue;
    for (const { instance, ended } of well) {
      if (instance.node !== first.instance.node || instance.copy === 0) continue;
      const [one, other] = [reportOf(first.ended), reportOf(ended)];
      if (one === undefined || other === undefined) continue;
      const difference = differenceOfCopies(one, other);
      if (difference !== undefined) differences.set(first.instance, difference);
    }
  }
  return differences;
}

function reportOf(ended: Ended) {
  return ended === undefined || ended instanceof Refusal ? undefined : ended.session.report;
}

/** Those that are to blame: the first of several that only lost each other. */
function causesOf(
  judged: readonly JudgedInstance[],
  differences: ReadonlyMap<Instance, string>,
): ReadonlySet<Instance> {
  const of = (ending: Ending): Instance[] => {
    return judged.flatMap((one) => (one.ending === ending ? [one.instance] : []));
  };
  const ranks = [
    of("failed"),
    [...differences.keys()],
    of("channel"),
    of("waited"),
    of("lost-peer").slice(0, 1),
  ];
  return new Set(ranks.find((instances) => instances.length > 0));
}

function asConsequence(verdict: Verdict, causes: ReadonlySet<Instance>): Verdict {
  const [first] = causes;
  const cause = first === undefined ? {} : { cause: first };
  switch (verdict.kind) {
    case "kept":
    case "differs":
      return { kind: "withheld", end: verdict.end, ...cause };
    case "failed":
    case "dropped":
      return { kind: "dropped", end: verdict.end, ...cause };
    default:
      return verdict;
  }
}
