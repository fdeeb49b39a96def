import type { ByteString } from "../../base/index.ts";
import type { ChannelLimits } from "../../channels/index.ts";
import { shown, stated } from "./finding.ts";
import type { LineReport } from "./line-report.ts";
import { CHANNEL_FIELDS, type ChannelDeclaration, SOURCES_MAX, type Source } from "./manifest.ts";
import { parseNumber } from "./number.ts";
import { readSource } from "./source.ts";
import { splitToken, type Token } from "./token.ts";

/** A channel of a line that may have errors; then only its alias can be relied on. */
export interface ChannelDraft {
  readonly declaration: ChannelDeclaration;
  readonly isBroken: boolean;
}

const FIELD_NAMES = "SOURCES, ALIAS, TYPE, ETAG, GETS, GET_SIZE, PUTS, PUT_SIZE";

const NO_LIMITS: ChannelLimits = { gets: 0n, getBytes: 0n, puts: 0n, putBytes: 0n };

const LIMIT_FIELDS = [
  ["gets", 4],
  ["getBytes", 5],
  ["puts", 6],
  ["putBytes", 7],
] as const satisfies readonly (readonly [keyof ChannelLimits, number])[];

/** Reads the value of a `Channel` line, all eight fields, whatever is wrong with some of them. */
export function readChannel(report: LineReport, value: Token): ChannelDraft {
  const fields = splitToken(value, ",", CHANNEL_FIELDS);
  const place = {
    line: report.place(value).line,
    columns: fields.map((token) => report.place(token).column),
  };
  const alias = fields[1]?.text ?? "";
  if (fields.length < CHANNEL_FIELDS) {
    reportMissingFields(report, value, fields.length);
    const empty = { type: 0, etag: false, limits: NO_LIMITS, sources: [] };
    return { declaration: { alias, ...empty, ...place }, isBroken: true };
  }
  const field = (index: number): Token => fields[index] ?? value;
  if (alias === "") {
    report.warning(field(1), "Alias is empty: the program cannot name this channel");
  }
  // From left to right, in which order the findings are told.
  const sources = readSources(report, field(0));
  const type = readType(report, field(2));
  const etag = readSwitch(report, field(3), "Etag of the channel");
  const limits = readLimits(report, field, alias);
  const declaration = { alias, type, etag: etag === 1n, limits, sources, ...place };
  return { declaration, isBroken: report.hasErrors };
}

function reportMissingFields(report: LineReport, value: Token, count: number): void {
  const end = { text: "", offset: value.offset + value.text.length };
  report.error(end, {
    message: `Channel has ${value.text === "" ? 0 : count} fields, expected ${CHANNEL_FIELDS}`,
    state: "invalid channel tokens number",
    expected: FIELD_NAMES,
  });
}

function readSources(report: LineReport, token: Token): readonly Source[] {
  const parts = splitToken(token, ";", SOURCES_MAX);
  const last = parts.at(-1);
  if (last?.text.includes(";")) {
    report.warning(last, `Channel has more than ${SOURCES_MAX} sources: the rest is one path`);
  }
  return parts.flatMap((part) => readSource(report, part) ?? []);
}

function readType(report: LineReport, token: Token): number {
  return Number(BigInt.asIntN(32, report.number(token, "Channel type") ?? 0n));
}

function readSwitch(report: LineReport, token: Token, what: string): bigint | undefined {
  const number = report.number(token, what);
  if (number === undefined) return undefined;
  const value = BigInt.asIntN(32, number);
  if (value === 0n || value === 1n) return value;
  return report.error(token, {
    message: `${what} is neither on nor off: ${shown(token.text)}`,
    state: "invalid channel numeric token",
    expected: "0 or 1",
  });
}

function readLimits(
  report: LineReport,
  field: (index: number) => Token,
  alias: ByteString,
): ChannelLimits {
  const limits = { ...NO_LIMITS };
  for (const [name, index] of LIMIT_FIELDS) {
    limits[name] = readLimit(report, field(index), alias);
  }
  return limits;
}

function readLimit(report: LineReport, token: Token, alias: ByteString): bigint {
  if (token.text.includes(",")) return reportExtraFields(report, token);
  const value = report.number(token, "Limit of the channel");
  if (value === undefined || value >= 0n) return value ?? 0n;
  report.error(token, {
    message: `Limit of ${shown(alias)} is negative: ${shown(token.text)}`,
    state: `negative limits for ${stated(alias)}`,
    expected: "a number from 0 to 9223372036854775807",
  });
  return 0n;
}

/** The original leaves the text of further fields at the eighth, which then is no number. */
function reportExtraFields(report: LineReport, token: Token): bigint {
  const reading = parseNumber(token.text);
  const tail = reading.kind === "bad" ? reading.tail : "";
  const count = CHANNEL_FIELDS - 1 + token.text.split(",").length;
  const extra = { text: "", offset: token.offset + token.text.indexOf(",") };
  report.error(extra, {
    message: `Channel has ${count} fields, expected ${CHANNEL_FIELDS}`,
    state: `invalid numeric value '${stated(tail)}'`,
    expected: FIELD_NAMES,
  });
  return 0n;
}
