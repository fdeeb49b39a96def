import { nearestName } from "../../base/index.ts";
import { type FindingAdvice, type FindingWords, type JobFinding, makeFinding } from "./finding.ts";
import {
  type JsonObject,
  type JsonSteps,
  type JsonString,
  type JsonValue,
  textOfJson,
} from "./json-value.ts";
import type { KeyKind } from "./keys.ts";
import type { JobLimits } from "./limits.ts";
import type { RuleName } from "./rules.ts";
import type { JobPlace, TextPlaces } from "./text-places.ts";

/** A value and the steps to it. */
export interface Spot<Value extends JsonValue = JsonValue> {
  readonly value: Value;
  readonly steps: JsonSteps;
}

/** The values of an object by its known keys; those of a wrong type are reported and left out. */
export type Fields<Keys extends string> = {
  readonly [Key in Keys]?: Spot;
};

/** Reads parts of one job and collects what is wrong with them. */
export class JobReader {
  readonly findings: JobFinding[] = [];
  readonly limits: JobLimits;
  readonly #places: TextPlaces;

  constructor(places: TextPlaces, limits: JobLimits) {
    this.#places = places;
    this.limits = limits;
  }

  placeOf({ value, steps }: Spot): JobPlace {
    return this.#places.place(steps, value.at);
  }

  report(rule: RuleName, spot: Spot, words?: FindingWords, advice?: FindingAdvice): undefined {
    this.findings.push(makeFinding(rule, this.placeOf(spot), words, advice));
  }

  /** Reports a value of another type than its place takes. */
  misfit(spot: Spot, what: string, expected: string): undefined {
    return this.report("structure", spot, { what, value: textOfJson(spot.value) }, { expected });
  }

  /** Takes an object apart by the table of its keys. */
  fields<Keys extends string>(
    spot: Spot<JsonObject>,
    kinds: Readonly<Record<Keys, KeyKind>>,
  ): Fields<Keys> {
    const fields: { [Key in Keys]?: Spot } = {};
    const names = Object.keys(kinds) as Keys[];
    for (const [key, { keyAt, value }] of spot.value.members) {
      const name = names.find((candidate) => candidate === key);
      const steps = [...spot.steps, key];
      if (name === undefined) this.#unknown(key, steps, keyAt, names);
      else if (value.kind !== "null") {
        const inner = { value, steps };
        const { type } = kinds[name];
        if (type === "any" || value.kind === type) fields[name] = inner;
        else this.misfit(inner, key, article(type));
      }
    }
    return fields;
  }

  #unknown(key: string, steps: JsonSteps, keyAt: number, names: readonly string[]): void {
    const place = this.#places.place(steps, keyAt);
    const meant = nearestName(key, names);
    const advice = meant === undefined ? {} : { hint: `Did you mean ${meant}?` };
    this.findings.push(makeFinding("unknown-key", place, { key }, advice));
  }

  /** The whole number of a spot, or undefined where it is none or out of range. */
  whole(spot: Spot, least: number, most: number): number | undefined {
    if (spot.value.kind !== "number") return undefined;
    const number = Number(spot.value.text);
    return Number.isInteger(number) && number >= least && number <= most ? number + 0 : undefined;
  }
}

/** The text of a field that the table says is a string. */
export function textAt(spot: Spot | undefined): string | undefined {
  return spot !== undefined && isString(spot) ? spot.value.text : undefined;
}

export function isString(spot: Spot): spot is Spot<JsonString> {
  return spot.value.kind === "string";
}

export function isObjectSpot(spot: Spot): spot is Spot<JsonObject> {
  return spot.value.kind === "object";
}

/** The spots of an array that a table says is one. */
export function itemsAt(spot: Spot | undefined): Spot[] {
  if (spot === undefined || spot.value.kind !== "array") return [];
  return spot.value.items.map((value, index) => ({ value, steps: [...spot.steps, index] }));
}

/** The spots of an object with keys of the sender's own. */
export function membersAt(spot: Spot | undefined): [string, Spot][] {
  if (spot === undefined || spot.value.kind !== "object") return [];
  return [...spot.value.members].map(([key, { value }]) => {
    return [key, { value, steps: [...spot.steps, key] }];
  });
}

export function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
