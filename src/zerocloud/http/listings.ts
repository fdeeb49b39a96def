import { type Exchange, type Headers, type Query, refuse } from "../exchange/index.ts";
import { isFolder, LISTING_LIMIT_MAX, type Listed, type ListingQuery } from "../store/index.ts";
import { saysYes } from "./header-text.ts";
import type { ChosenFormat } from "./listing-format.ts";
import { type ListingRow, type ListingText, textFor } from "./listing-rows.ts";

/** Rows read and written at a time: what a listing of any length takes of memory. */
const PAGE_ROWS = 1000;

export interface Listing<Item extends { readonly name: string }> {
  readonly format: ChosenFormat;
  readonly headers: Headers;
  /** Of what is listed. */
  readonly name: string;
  readonly kind: "account" | "container";
  page(query: ListingQuery): Promise<Listed<Item>[]>;
  row(listed: Listed<Item>): ListingRow;
}

/** Answers with a listing, or with its head alone. */
export async function answerListing<Item extends { readonly name: string }>(
  exchange: Exchange,
  listing: Listing<Item>,
): Promise<void> {
  const { format, contentType } = listing.format;
  const headers = { ...listing.headers, "Content-Type": contentType };
  if (exchange.method === "HEAD") return await exchange.answer(204, headers);
  const query = parseListingQuery(exchange.query);
  const first = await nextPage(listing, query);
  const text = textFor(format, listing.kind, listing.name);
  if (format === "plain" && first.rows.length === 0) return await exchange.answer(204, headers);
  if (first.next === undefined) {
    const rows = first.rows.map((row) => text.row(row)).join(text.between);
    return await exchange.answer(200, headers, text.head + rows + text.tail);
  }
  await exchange.stream(200, headers, pagesOf(listing, text, first));
}

interface Page {
  readonly rows: readonly ListingRow[];
  /** What lists the rest; undefined where there is none. */
  readonly next: ListingQuery | undefined;
}

async function nextPage<Item extends { readonly name: string }>(
  listing: Listing<Item>,
  query: ListingQuery,
): Promise<Page> {
  const wanted = query.limit ?? LISTING_LIMIT_MAX;
  const limit = Math.min(wanted, PAGE_ROWS);
  const listed = await listing.page({ ...query, limit });
  const last = listed.at(-1);
  const rows = listed.map((one) => listing.row(one));
  if (last === undefined || listed.length < limit || wanted <= limit) {
    return { rows, next: undefined };
  }
  const marker = isFolder(last) ? last.subdir : last.name;
  return { rows, next: { ...query, marker, limit: wanted - limit } };
}

async function* pagesOf<Item extends { readonly name: string }>(
  listing: Listing<Item>,
  text: ListingText,
  first: Page,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text.head + first.rows.map((row) => text.row(row)).join(text.between));
  for (let { next } = first; next !== undefined; ) {
    const page = await nextPage(listing, next);
    yield Buffer.from(page.rows.map((row) => text.between + text.row(row)).join(""));
    next = page.next;
  }
  yield Buffer.from(text.tail);
}

/** @throws ZvmError ZVM_HTTP_PRECONDITION for a limit that is none, or larger than Swift's */
function parseListingQuery(query: Query): ListingQuery {
  const text = (name: string): string | undefined => query.get(name) || undefined;
  const prefix = text("prefix");
  const delimiter = text("delimiter");
  const marker = text("marker");
  const endMarker = text("end_marker");
  const path = query.get("path");
  return {
    ...(path !== undefined ? { path } : { ...only({ prefix, delimiter }) }),
    ...only({ marker, endMarker }),
    ...(saysYes(query.get("reverse")) ? { reverse: true } : {}),
    ...only({ limit: limitOf(text("limit")) }),
  };
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const limit = Number(text);
  // Swift takes what is no number for no limit.
  if (!/^\d+$/.test(text)) return undefined;
  if (limit <= LISTING_LIMIT_MAX) return limit;
  refuse("ZVM_HTTP_PRECONDITION", `Maximum limit is ${LISTING_LIMIT_MAX}`);
}

type Told<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Fields that have a value. */
function only<Fields extends object>(fields: Fields): Told<Fields> {
  const told = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(told) as Told<Fields>;
}
