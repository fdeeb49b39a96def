import { pathOfItem } from "../plan/index.ts";
import type { Beside } from "./beside.ts";
import { sizeText } from "./byte-size.ts";
import type { JudgedSpot } from "./order-spots.ts";

/** Why an instance runs on the first of its places, in words that go on from "runs". */
export function whyHere(
  beside: Beside,
  ordered: readonly JudgedSpot[],
  primaries: readonly JudgedSpot[],
  nowMs: number,
): string {
  const [chosen] = ordered;
  if (chosen === undefined) return "nowhere: the cluster names no host";
  const isBack = chosen.outUntilMs > 0 ? "; all hosts are out, this one is back first" : "";
  if (beside.kind === "anywhere") {
    const where = chosen.isNear ? "near what it is connected with" : "anywhere";
    return `${where}: ${beside.words}${isBack}`;
  }
  const object = besideText(beside);
  if (primaries.length === 0) return `anywhere: nobody knows where ${object} lies${isBack}`;
  if (chosen.distance === 0) {
    const number = primaries.findIndex(({ at }) => at === chosen.at) + 1;
    const cause = isBack === "" ? whyNotFirst(chosen, primaries[0], nowMs) : isBack;
    return `beside ${object}, replica ${number} of ${primaries.length}${cause}`;
  }
  const isOut = primaries.every(({ outUntilMs }) => outUntilMs > 0);
  const state = isOut ? "are out" : "are out or have another copy";
  if (chosen.distance === 1) return `on a handoff of ${object}: its replicas ${state}${isBack}`;
  return `anywhere: the hosts of ${object} ${state}${isBack}`;
}

/** Why an instance runs where others with its `location` do. */
export function whyWithGroup(location: string, key: string, bytes: number): string {
  const lies = bytes === 0 ? "" : `, where ${sizeText(bytes)} of what it reads lie`;
  return `with the group of location ${location} on ${key}${lies}`;
}

function besideText(beside: Extract<Beside, { kind: "object" }>): string {
  const path = pathOfItem(beside.item);
  if (beside.access === "write") return `${beside.words} ${path}`;
  return `${beside.words} ${path} (${sizeText(beside.sizeBytes)})`;
}

function whyNotFirst(chosen: JudgedSpot, first: JudgedSpot | undefined, nowMs: number): string {
  if (first === undefined || first.at === chosen.at) return "";
  if (first.outUntilMs > 0) {
    return `: the first is out for ${Math.ceil((first.outUntilMs - nowMs) / 1000)} s`;
  }
  if (first.isTaken) return ": the first has another copy of it";
  const { sessions, bytes } = first.load;
  if (sessions > chosen.load.sessions) {
    return `: the first has ${sessions} ${sessions === 1 ? "session" : "sessions"}`;
  }
  if (bytes > chosen.load.bytes) return `: the first has ${sizeText(bytes)} to read`;
  return ": drawn, the first is as busy";
}
