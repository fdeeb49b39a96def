import { shown } from "./finding.ts";
import { type ConfigKeyKind, ENTRIES_MAX, TEXT_LENGTH_MAX } from "./key-kind.ts";
import type { ConfigValue } from "./keys.ts";

/** A value that is right, or what is wrong with it and what would be right. */
export type Judged =
  | { readonly value: ConfigValue }
  | { readonly message: string; readonly expected: string };

/** A number of bytes may be written as `64K`, `64M`, `5G` or `1T`. */
export const SIZE_PATTERN = "^[0-9]{1,16}[KMGT]$";

const FACTORS: Readonly<Record<string, number>> = { K: 10, M: 20, G: 30, T: 40 };

/** Judges a value as YAML or JSON has it. */
export function judgeValueOf(kind: ConfigKeyKind, value: unknown): Judged {
  const judged = soundValue(kind, value);
  const fault = "judge" in kind && typeof judged === "string" ? kind.judge?.(judged) : undefined;
  if (fault !== undefined) return { message: fault, expected: expectedOf(kind) };
  if (judged !== undefined) return { value: judged };
  return { message: `${shown(value)} is not a value for it`, expected: expectedOf(kind) };
}

/** Judges a value that came as text, from the environment or a flag: lists have commas. */
export function judgeTextOf(kind: ConfigKeyKind, text: string): Judged {
  return judgeValueOf(kind, fromText(kind, text));
}

function fromText(kind: ConfigKeyKind, text: string): unknown {
  switch (kind.form) {
    case "whole":
      return /^-?\d{1,16}$/.test(text) ? Number(text) : text;
    case "switch":
      return text === "true" ? true : text === "false" ? false : text;
    case "texts":
      return text === "" ? [] : text.split(",");
    case "named-paths":
      return namedPathsOf(text);
    default:
      return text;
  }
}

function namedPathsOf(text: string): unknown {
  if (text === "") return {};
  const pairs = text.split(",").map((pair) => /^([^=]*)=(.*)$/s.exec(pair)?.slice(1, 3));
  return pairs.every((pair) => pair !== undefined) ? Object.fromEntries(pairs) : text;
}

function soundValue(kind: ConfigKeyKind, value: unknown): ConfigValue {
  switch (kind.form) {
    case "whole":
      return numberOf(kind, value);
    case "switch":
      return typeof value === "boolean" ? value : undefined;
    case "word":
      return kind.words.find((word) => word === value) as ConfigValue;
    case "texts": {
      const { pattern } = kind;
      const isSound = Array.isArray(value) && value.length <= ENTRIES_MAX;
      return isSound && value.every((item) => isText(item, pattern)) ? value : undefined;
    }
    case "named-paths":
      return pathsOf(kind.namePattern, value);
    default:
      return isText(value, kind.pattern) ? value : undefined;
  }
}

type Whole = Extract<ConfigKeyKind, { readonly form: "whole" }>;

function numberOf({ unit, minimum, maximum }: Whole, value: unknown): number | undefined {
  const number = unit === "bytes" ? sizeOf(value) : value;
  const isWhole = typeof number === "number" && Number.isSafeInteger(number);
  return isWhole && number >= minimum && number <= maximum ? number : undefined;
}

function sizeOf(value: unknown): unknown {
  if (typeof value !== "string" || !new RegExp(SIZE_PATTERN).test(value)) return value;
  return Number(value.slice(0, -1)) * 2 ** (FACTORS[value.slice(-1)] ?? 0);
}

function isText(value: unknown, pattern = ""): value is string {
  if (typeof value !== "string" || value === "" || value.length > TEXT_LENGTH_MAX) return false;
  return !/\0|\p{Surrogate}/u.test(value) && new RegExp(pattern).test(value);
}

function pathsOf(
  namePattern: string,
  value: unknown,
): Readonly<Record<string, string>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const isSound = entries.every(([name, path]) => isText(name, namePattern) && isText(path));
  return isSound && entries.length <= ENTRIES_MAX ? Object.fromEntries(entries) : undefined;
}

/** What a value of the kind is, in words. */
export function expectedOf(kind: ConfigKeyKind): string {
  switch (kind.form) {
    case "whole": {
      const sizes = kind.unit === "bytes" ? ", also as 64K, 64M, 5G" : "";
      return `a whole number of ${kind.unit} from ${kind.minimum} to ${kind.maximum}${sizes}`;
    }
    case "switch":
      return "true or false";
    case "word":
      return `one of ${kind.words.join(", ")}`;
    case "texts":
      return `a list of texts of the form ${kind.pattern}`;
    case "named-paths":
      return `a mapping of names of the form ${kind.namePattern} to paths`;
    case "path":
      return "a path";
    default:
      return kind.pattern === undefined ? "a text" : `a text of the form ${kind.pattern}`;
  }
}
