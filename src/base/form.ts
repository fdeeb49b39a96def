/**
 * Forms: tables of what values from outside have to be, for those that come from programs whose
 * types nobody checked. Each function of the library judges what it is given by such a table.
 */
import type { ErrorCode } from "./error-table.ts";
import { LIMIT_TABLE, type LimitName } from "./limits.ts";
import { nearestName } from "./nearest.ts";
import { ZvmError } from "./zvm-error.ts";

/** Where a value stands: in what was given to this call, under this path. */
export interface ValuePlace {
  readonly call: string;
  /** As in JavaScript: `read[0].path`; empty for what was given itself. */
  readonly path: string;
}

/** Throws a ZvmError that names the place where a value is not what it has to be. */
export type Form = (value: unknown, place: ValuePlace) => void;

/**
 * Judges what was given to a call of the library.
 * @throws ZvmError ZVM_USAGE or ZVM_LIMIT naming the option
 */
export function judgeValue(call: string, value: unknown, form: Form): void {
  try {
    form(value, { call, path: "" });
  } catch (cause) {
    if (cause instanceof ZvmError) throw cause;
    // A getter or a proxy that throws, or a value that leads back to itself.
    throw new ZvmError("ZVM_USAGE", `What ${call} was given cannot be read`, { cause });
  }
}

/** A value of one piece; `expected` says in words what it has to be. */
export function scalar(
  expected: string,
  holds: (value: unknown) => boolean,
  code: ErrorCode = "ZVM_USAGE",
): Form {
  return (value, place) => {
    if (!holds(value)) refuse(place, expected, value, code);
  };
}

/** Throws what a form throws for a value that is not what was expected. */
export function refuse(
  { call, path }: ValuePlace,
  expected: string,
  value: unknown,
  code: ErrorCode = "ZVM_USAGE",
): never {
  const what = path === "" ? `${call} takes` : `The option ${path} is`;
  throw new ZvmError(code, `${what} ${expected}, not ${shownValue(value)}`);
}

/** The value may be absent. */
export function optional(form: Form): Form {
  return (value, place) => {
    if (value !== undefined) form(value, place);
  };
}

/** A list of values of one form. */
export function listOf(form: Form, expected = "a list"): Form {
  return (value, place) => {
    if (!Array.isArray(value)) refuse(place, expected, value);
    for (let index = 0; index < value.length; index += 1) {
      form(value[index], { ...place, path: `${place.path}[${index}]` });
    }
  };
}

/** The forms of all that an object of this type may hold. */
export type Fields<Type> = { readonly [Name in keyof Type]-?: Form };

export interface RecordWords {
  /** What the object is, in words. */
  readonly expected?: string;
  /** What one of its names stands for. */
  readonly noun?: string;
  readonly code?: ErrorCode;
}

/** An object with these names and no others: a name that nobody knows was meant to be another. */
export function recordOf<Type>(fields: Fields<Type>, words: RecordWords = {}): Form {
  const { expected = "an object", noun = "option", code = "ZVM_USAGE" } = words;
  const known = new Map<string, Form>(Object.entries(fields));
  return (value, place) => {
    if (!isObject(value)) refuse(place, expected, value, code);
    for (const name of Object.keys(value)) {
      if (!known.has(name)) throw unknownName(name, [...known.keys()], noun, place, code);
    }
    judgeFields(value, known, place);
  };
}

/** An object of which only these names are looked at. */
export function partOf<Type>(fields: Fields<Type>, expected = "an object"): Form {
  const known = new Map<string, Form>(Object.entries(fields));
  return (value, place) => {
    if (!isObject(value)) refuse(place, expected, value);
    judgeFields(value, known, place);
  };
}

/** One of several objects, told apart by the text under one name. */
export function eitherOf(tag: string, forms: Readonly<Record<string, Form>>): Form {
  const expected = `an object whose ${tag} is ${Object.keys(forms).join(" or ")}`;
  return (value, place) => {
    const found = isObject(value) ? value[tag] : undefined;
    const isKnown = typeof found === "string" && Object.hasOwn(forms, found);
    const form = isKnown ? forms[found] : undefined;
    if (form === undefined) refuse(place, expected, value);
    form(value, place);
  };
}

/** An object with names of the caller's own. */
export function tableOf(name: (name: string) => boolean, form: Form, expected: string): Form {
  return (value, place) => {
    if (!isObject(value)) refuse(place, expected, value);
    for (const [key, one] of Object.entries(value)) {
      if (!name(key)) refuse(place, expected, key);
      form(one, inside(place, key));
    }
  };
}

/** Text that reaches the host and a guest as it is: UTF-8 holds it, and no NUL ends it. */
export const TEXT: Form = scalar("well-formed text without NUL", isText);

/** Text that is not empty. */
export const NAME: Form = scalar("well-formed text without NUL, not empty", (value) => {
  return isText(value) && value !== "";
});

export const SWITCH: Form = scalar("true or false", (value) => typeof value === "boolean");

/** A byte string: each character one byte. */
export const BYTE_STRING: Form = scalar("a byte string without NUL", (value) => {
  return typeof value === "string" && !/[\u0100-\uffff]/.test(value) && !value.includes("\0");
});

export const CALLBACK: Form = scalar("a function", (value) => typeof value === "function");

export const SIGNAL: Form = scalar("an AbortSignal", (value) => {
  return isObject(value) && "aborted" in value && typeof value["addEventListener"] === "function";
});

export const BYTES: Form = scalar("bytes", (value) => value instanceof Uint8Array);

/** One of these words. */
export function wordOf(words: readonly unknown[]): Form {
  return scalar(`one of ${words.join(", ")}`, (value) => words.includes(value));
}

/** A whole number. */
export function countOf(unit: string, least: number, most: number, code?: ErrorCode): Form {
  const holds = (value: unknown): boolean => {
    return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
  };
  return scalar(`whole ${unit} from ${least} to ${most}`, holds, code);
}

/** The value of a limit; without any time or memory there is no session. */
export function limitOf(name: LimitName): Form {
  const { unit, maximum } = LIMIT_TABLE[name];
  return countOf(unit, name === "time" || name === "memory" ? 1 : 0, maximum, "ZVM_LIMIT");
}

const MILLISECOND = 0.001;

/** A limit on wall time as an option has it: also a part of a second. */
export const TIMEOUT: Form = scalar(
  `seconds from ${MILLISECOND} to ${LIMIT_TABLE.time.maximum}`,
  (value) => {
    const isNumber = typeof value === "number" && Number.isFinite(value);
    return isNumber && value >= MILLISECOND && value <= LIMIT_TABLE.time.maximum;
  },
  "ZVM_LIMIT",
);

/** A whole number that is a bigint. */
export function bigCountOf(least: bigint, most: bigint, code?: ErrorCode): Form {
  const holds = (value: unknown): boolean => {
    return typeof value === "bigint" && value >= least && value <= most;
  };
  return scalar(`a bigint from ${least} to ${most}`, holds, code);
}

/** A word that stands for a value, or the value. */
export function wordOr(word: string, form: Form): Form {
  return (value, place) => {
    if (value !== word) form(value, place);
  };
}

/** Limits by their names. */
export const LIMITS: Form = recordOf(
  Object.fromEntries(
    (Object.keys(LIMIT_TABLE) as LimitName[]).map((name) => [name, optional(limitOf(name))]),
  ),
  { expected: "an object of limits", noun: "limit", code: "ZVM_LIMIT" },
);

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && !/\0|\p{Surrogate}/u.test(value);
}

function judgeFields(
  value: Readonly<Record<string, unknown>>,
  fields: ReadonlyMap<string, Form>,
  place: ValuePlace,
): void {
  for (const [name, form] of fields) form(value[name], inside(place, name));
}

function inside({ call, path }: ValuePlace, name: string): ValuePlace {
  return { call, path: path === "" ? name : `${path}.${name}` };
}

function unknownName(
  given: string,
  names: readonly string[],
  noun: string,
  { call, path }: ValuePlace,
  code: ErrorCode,
): ZvmError {
  const where = path === "" ? call : `${path} of ${call}`;
  const meant = nearestName(given, names);
  const advice = meant === undefined ? "" : `; did you mean ${meant}?`;
  const listed = `${advice === "" ? "; there" : " There"} are ${names.join(", ")}`;
  const message = `There is no ${noun} ${shownValue(given)} in ${where}${advice}${listed}`;
  return new ZvmError(code, message);
}

const SHOWN_CHARACTERS = 80;

/** A value in a message: streams and the like may lead back to themselves, and are only named. */
function shownValue(value: unknown): string {
  const shown = textOfValue(value);
  return shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown;
}

function textOfValue(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) {
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  }
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  try {
    if (isPlain) return JSON.stringify(value);
  } catch {
    // It leads back to itself, or holds what JSON cannot: its kind is all that can be said.
  }
  return Object.prototype.toString.call(value);
}
