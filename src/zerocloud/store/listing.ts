import { setImmediate as nextTurn } from "node:timers/promises";
import { ZvmError } from "../../base/index.ts";
import type { Table } from "./database.ts";
import { endOf, keyOf, nameIn, successorOf } from "./keys.ts";
import { isText } from "./names.ts";

/** What to list, as Swift's query parameters say it. */
export interface ListingQuery {
  /** Only names that begin with it. */
  readonly prefix?: string;
  /** Names that have it behind the prefix are shown once, up to it, as a folder. */
  readonly delimiter?: string;
  /** Only names behind it, in the order of the listing. */
  readonly marker?: string;
  /** Only names before it, in the order of the listing. */
  readonly endMarker?: string;
  /** Only what lies in this folder itself: instead of prefix and delimiter. */
  readonly path?: string;
  readonly reverse?: boolean;
  /** 0 to 10,000, which is also what counts without it. */
  readonly limit?: number;
}

export const LISTING_LIMIT_MAX = 10_000;

/** A line of a listing: an item, or a folder that several share. */
export type Listed<Item> = Item | ListedFolder;

export interface ListedFolder {
  /** With its delimiter at the end. */
  readonly subdir: string;
}

/** The names below one parent, in the bytewise order of their UTF-8. */
export interface Names<Item> {
  readonly table: Table;
  readonly parent: number;
  item(name: string, value: Buffer): Item;
}

/** The query in bytes. */
interface Walk {
  readonly prefix: Buffer;
  readonly delimiter: Buffer | undefined;
  readonly path: Buffer | undefined;
  /** A folder of this name is left out: the listing began at it. */
  readonly passed: Buffer | undefined;
  readonly reverse: boolean;
  readonly limit: number;
  from: Buffer;
  to: Buffer;
  /** Names read in this turn. */
  seen: number;
}

/** Names read after which others get their turn. */
const NAMES_IN_A_TURN = 500;

/** Jumps between folders after which others get their turn. */
const JUMPS_IN_A_TURN = 100;

/**
 * One page of a listing, in memory that only its limit bounds.
 * @throws ZvmError ZVM_STORE_LISTING
 */
export async function listNames<Item>(
  names: Names<Item>,
  query: ListingQuery,
): Promise<Listed<Item>[]> {
  const walk = walkOf(names.parent, judgeQuery(query));
  const listed: Listed<Item>[] = [];
  for (let jumps = 1; listed.length < walk.limit; jumps += 1) {
    if (!listSome(names, walk, listed)) break;
    if (walk.seen >= NAMES_IN_A_TURN || jumps % JUMPS_IN_A_TURN === 0) {
      walk.seen = 0;
      await nextTurn();
    }
  }
  return listed;
}

/**
 * Lists names until it is at a folder, which it lists and puts out of the way, or for a turn.
 * @returns whether there may be more
 */
function listSome<Item>(names: Names<Item>, walk: Walk, listed: Listed<Item>[]): boolean {
  const { from, to, reverse } = walk;
  let last: Buffer | undefined;
  for (const { key, value } of names.table.entries({ from, to, reverse, limit: NAMES_IN_A_TURN })) {
    if (listed.length >= walk.limit) return false;
    last = key;
    walk.seen += 1;
    const name = nameIn(key);
    if (walk.path !== undefined && name.equals(walk.path)) continue;
    const folder = folderOf(name, walk);
    if (folder === undefined) {
      listed.push(names.item(name.toString(), value));
      continue;
    }
    const isShown = walk.path === undefined && walk.passed?.equals(folder) !== true;
    if (isShown) listed.push({ subdir: folder.toString() });
    passFolder(names.parent, folder, walk);
    return true;
  }
  if (last === undefined) return false;
  if (reverse) walk.to = last;
  else walk.from = behind(last);
  return true;
}

/** The folder that the name is in, below the prefix. */
function folderOf(name: Buffer, { delimiter, prefix, path }: Walk): Buffer | undefined {
  if (delimiter === undefined) return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  if (at < 0) return undefined;
  const end = at + delimiter.length;
  // A listing by path shows the markers of folders, which are objects themselves.
  if (path !== undefined && end === name.length) return undefined;
  return name.subarray(0, end);
}

function passFolder(parent: number, folder: Buffer, walk: Walk): void {
  if (!walk.reverse) walk.from = keyOf(parent, successorOf(folder) ?? folder);
  else if (walk.path === undefined) walk.to = keyOf(parent, folder);
  else walk.to = keyOf(parent, behind(folder));
}

/** The first key after the name: names have no zero bytes. */
function behind(name: Buffer): Buffer {
  return Buffer.concat([name, Buffer.from([0])]);
}

function walkOf(parent: number, query: ListingQuery): Walk {
  const reverse = query.reverse ?? false;
  const path = query.path === undefined ? undefined : folderPath(query.path);
  const prefix = Buffer.from(path ?? query.prefix ?? "");
  const bounds = [query.marker, query.endMarker].map((name) => bytesUnlessEmpty(name));
  const [lower, upper] = reverse ? bounds.toReversed() : bounds;
  const end = successorOf(prefix);
  const froms = [keyOf(parent, prefix), ...(lower ? [keyOf(parent, behind(lower))] : [])];
  const tos = [
    end === undefined ? endOf(parent) : keyOf(parent, end),
    ...(upper ? [keyOf(parent, upper)] : []),
  ];
  return {
    prefix,
    delimiter: path === undefined ? bytesUnlessEmpty(query.delimiter) : Buffer.from("/"),
    path: path === undefined ? undefined : Buffer.from(path),
    passed: lower,
    reverse,
    limit: query.limit ?? LISTING_LIMIT_MAX,
    from: froms.sort(Buffer.compare).at(-1) ?? Buffer.alloc(0),
    to: tos.sort(Buffer.compare)[0] ?? Buffer.alloc(0),
    seen: 0,
  };
}

function folderPath(path: string): string {
  return path === "" ? "" : `${path.replace(/\/+$/, "")}/`;
}

function bytesUnlessEmpty(name: string | undefined): Buffer | undefined {
  return name === undefined || name === "" ? undefined : Buffer.from(name);
}

function judgeQuery(query: ListingQuery): ListingQuery {
  const { limit = LISTING_LIMIT_MAX, path } = query;
  if (!Number.isInteger(limit) || limit < 0 || limit > LISTING_LIMIT_MAX) {
    refuse(`The limit of a listing is a whole number from 0 to ${LISTING_LIMIT_MAX}`);
  }
  for (const name of ["prefix", "delimiter", "marker", "endMarker", "path"] as const) {
    const text = query[name] ?? "";
    // With a zero byte at its end a marker is the place just behind a name.
    const judged = MARKERS.includes(name) ? text.replaceAll("\0", "") : text;
    if (!isText(judged)) refuse(`The ${name} of a listing is no UTF-8 text`);
  }
  if (path !== undefined && (query.prefix || query.delimiter)) {
    refuse("A listing by path takes neither prefix nor delimiter");
  }
  return query;
}

const MARKERS: readonly string[] = ["marker", "endMarker"];

function refuse(message: string): never {
  throw new ZvmError("ZVM_STORE_LISTING", message);
}

/** Whether a line of a listing is a folder. */
export function isFolder(listed: object): listed is ListedFolder {
  return "subdir" in listed;
}
