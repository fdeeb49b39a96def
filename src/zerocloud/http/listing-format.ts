import { type Exchange, refuse } from "../exchange/index.ts";

export type ListingFormat = "plain" | "json" | "xml";

/** Media types of listings, the first choice first. */
const TYPES: ReadonlyMap<string, ListingFormat> = new Map([
  ["text/plain", "plain"],
  ["application/json", "json"],
  ["application/xml", "xml"],
  ["text/xml", "xml"],
]);

export interface ChosenFormat {
  readonly format: ListingFormat;
  readonly contentType: string;
}

/**
 * The format of a listing: that of the query, or the best that `Accept` takes.
 * @throws ZvmError ZVM_HTTP_ACCEPT
 */
export function formatOf(exchange: Exchange): ChosenFormat {
  const named = exchange.query.get("format")?.toLowerCase();
  if (named) {
    const format = named === "json" || named === "xml" ? named : "plain";
    const type = [...TYPES].find(([, one]) => one === format)?.[0] ?? "text/plain";
    return chosen(type);
  }
  const best = acceptedType(exchange.header("accept") ?? "*/*", [...TYPES.keys()]);
  if (best === undefined) refuse("ZVM_HTTP_ACCEPT", "Listings are text/plain, JSON or XML");
  return chosen(best);
}

function chosen(type: string): ChosenFormat {
  return { format: TYPES.get(type) ?? "plain", contentType: `${type}; charset=utf-8` };
}

/** The type that an `Accept` header likes best; undefined where it takes none. */
export function acceptedType(header: string, types: readonly string[]): string | undefined {
  const ranges = header.split(",").map(parseRange);
  let best: string | undefined;
  let bestQuality = 0;
  for (const type of types) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

interface MediaRange {
  readonly range: string;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [range = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((part) => /^q\s*=/.test(part));
  const quality = weight === undefined ? 1 : Number(weight.replace(/^q\s*=\s*/, ""));
  return { range, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The most exact range that fits counts. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const group = `${type.slice(0, type.indexOf("/"))}/*`;
  for (const exact of [type, group, "*/*"]) {
    const found = ranges.find(({ range }) => range === exact);
    if (found !== undefined) return found.quality;
  }
  return 0;
}
