import type { Observation, Seen } from "./observe.ts";

/**
 * Pairs of forms that must come to the same. The raw form may have NaNs of the engine's choice,
 * and a guest that its fuel ends sees less.
 */
const EQUAL_FORMS: readonly (readonly [string, string])[] = [
  ["settled", "guarded"],
  ["guarded", "guarded moved"],
  ["guarded", "metered"],
  ["metered", "metered moved"],
  ["short", "short moved"],
];

/** Where two runs begin to differ, in words; undefined where they do not. */
export function seenDifference(first: Seen, second: Seen): string | undefined {
  const count = Math.max(first.events.length, second.events.length);
  for (let index = 0; index < count; index++) {
    const [ours = "nothing", theirs = "nothing"] = [first.events[index], second.events[index]];
    if (ours !== theirs) return `${ours} against ${theirs}`;
  }
  if (first.fuel === undefined || second.fuel === undefined) return undefined;
  if (first.fuel === second.fuel) return undefined;
  return `${first.fuel} units of fuel against ${second.fuel}`;
}

/**
 * What differs between the forms of one module in one engine.
 * @param isNanFree no operation of the module makes a NaN, so that the raw form counts as well
 */
export function formDifference(observation: Observation, isNanFree: boolean): string | undefined {
  if ("skipped" in observation) return undefined;
  const { forms } = observation;
  const pairs = isNanFree ? [["raw", "settled"] as const, ...EQUAL_FORMS] : EQUAL_FORMS;
  for (const [first, second] of pairs) {
    const [ours, theirs] = [forms[first], forms[second]];
    const found = ours && theirs ? seenDifference(ours, theirs) : "a form was not run";
    if (found !== undefined) return `${first} and ${second}: ${found}`;
  }
  return undefined;
}

/** What differs between two engines. The raw form is theirs alone. */
export function engineDifference(first: Observation, second: Observation): string | undefined {
  if ("skipped" in first || "skipped" in second) return undefined;
  for (const [name, ours] of Object.entries(first.forms)) {
    const theirs = second.forms[name];
    if (name === "raw" || theirs === undefined) continue;
    const found = seenDifference(ours, theirs);
    if (found !== undefined) return `${name}: ${found}`;
  }
  return undefined;
}
