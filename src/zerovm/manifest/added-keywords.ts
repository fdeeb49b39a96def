import { type HashName, LIMIT_TABLE, type LimitName } from "../../base/index.ts";
import { shown } from "./finding.ts";
import type { LineReport } from "./line-report.ts";
import { CLOCK_SECONDS_MAX, FUEL_MAX, SEED_MAX } from "./manifest.ts";
import { INT64_MIN, parseCount, parseNumber, parseSize } from "./number.ts";
import { readText } from "./source.ts";
import { splitToken, type Token } from "./token.ts";

/** The keywords that the original ignores, and the meaning that `Etag` never had there. */

const HASH_NAMES: readonly HashName[] = ["sha256", "sha1", "md5"];

/** The original takes any value here and never looks at it, so an unknown one is no error. */
export function readEtag(report: LineReport, value: Token): HashName | undefined {
  const name = HASH_NAMES.find((word) => word === value.text);
  if (name === undefined) {
    report.warning(value, `Etag has no such hash and is ignored: ${shown(value.text)}`, {
      expected: HASH_NAMES.join(", "),
    });
  }
  return name;
}

interface Range {
  readonly what: string;
  readonly minimum: bigint;
  readonly maximum: bigint;
  readonly expected: string;
}

function readRange(report: LineReport, value: Token, range: Range): bigint | undefined {
  const reading = parseNumber(value.text, INT64_MIN, range.maximum);
  if (value.text !== "" && reading.kind === "number" && reading.value >= range.minimum) {
    return reading.value;
  }
  return report.error(value, {
    message: `${range.what} is not valid: ${value.text === "" ? "empty" : shown(value.text)}`,
    state: `invalid ${range.what}`,
    expected: range.expected,
  });
}

export function readFuel(report: LineReport, value: Token): bigint | undefined {
  const expected = `a number of instructions from 1 to ${FUEL_MAX}`;
  return readRange(report, value, { what: "Fuel", minimum: 1n, maximum: FUEL_MAX, expected });
}

export function readClock(report: LineReport, value: Token): number | "real" | undefined {
  if (value.text === "real") return "real";
  const maximum = BigInt(CLOCK_SECONDS_MAX);
  const expected = `seconds since 1970 from 0 to ${maximum}, or real`;
  const seconds = readRange(report, value, { what: "Clock", minimum: 0n, maximum, expected });
  return seconds === undefined ? undefined : Number(seconds);
}

export function readSeed(report: LineReport, value: Token): bigint | "real" | undefined {
  if (value.text === "real") return "real";
  const expected = `a number from 0 to ${SEED_MAX}, or real`;
  return readRange(report, value, { what: "Seed", minimum: 0n, maximum: SEED_MAX, expected });
}

/** Reads the path of the file with the key of the wires; the session judges the file itself. */
export function readKey(report: LineReport, value: Token): string | undefined {
  if (value.text.startsWith("/")) return readText(report, value, "Path of Key");
  return report.error(value, {
    message: `Path of Key is not absolute: ${value.text === "" ? "empty" : shown(value.text)}`,
    state: "invalid Key",
    expected: "a path that starts with /",
  });
}

const LIMIT_NAMES = Object.keys(LIMIT_TABLE) as readonly LimitName[];

export interface LimitSetting {
  readonly name: LimitName;
  readonly value: number;
}

/** Reads `NAME, VALUE`. */
export function readLimitLine(report: LineReport, value: Token): LimitSetting | undefined {
  const [first, second] = splitToken(value, ",", 2);
  const name = LIMIT_NAMES.find((word) => word === first?.text);
  if (name === undefined) {
    return report.error(first ?? value, {
      message: `There is no such limit: ${shown(first?.text ?? "")}`,
      state: "invalid Limit",
      expected: `one of ${LIMIT_NAMES.join(", ")}`,
    });
  }
  const number = second === undefined ? undefined : parseLimit(name, second.text);
  if (number !== undefined) return { name, value: number };
  return report.error(second ?? value, {
    message:
      second === undefined
        ? `Limit ${name} has no value`
        : `Limit ${name} cannot be ${second.text === "" ? "empty" : shown(second.text)}`,
    state: "invalid Limit",
    expected: expectedLimit(name),
  });
}

/**
 * Reads the value of a limit, also for `--limit`: a number up to the maximum of the table; where
 * the unit is bytes, `K`, `M`, `G` or `T` may follow.
 * @returns undefined for anything else; `expectedLimit` says what would be right.
 */
export function parseLimit(name: LimitName, text: string): number | undefined {
  const { unit, maximum } = LIMIT_TABLE[name];
  const value = unit === "bytes" ? parseSize(text) : parseCount(text);
  return value === undefined || value > BigInt(maximum) ? undefined : Number(value);
}

export function expectedLimit(name: LimitName): string {
  const { unit, maximum } = LIMIT_TABLE[name];
  const suffixes = unit === "bytes" ? ", with K, M, G or T for 1024 to the power of 1 to 4" : "";
  return `${unit} from 0 to ${maximum}${suffixes}`;
}
