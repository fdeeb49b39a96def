import {
  type Device,
  isStoreName,
  type Job,
  type JobFinding,
  OWN_ACCOUNT,
  type SwiftUrl,
} from "../job/index.ts";
import { Pattern } from "./pattern.ts";
import { pathOfItem, type StoredItem } from "./plan.ts";
import { PlanReport } from "./report.ts";
import type { PlanSettings } from "./settings.ts";
import { wildcardOf } from "./use.ts";

/** One page of a listing: containers of an account, or objects of a container. */
export interface ListRequest {
  readonly account: string;
  /** Missing where the containers are listed. */
  readonly container?: string;
  /** Only names that begin with this. */
  readonly prefix: string;
  /** Only names behind this one; empty for the first page. */
  readonly marker: string;
  readonly limit: number;
}

/** Names in byte order. Fewer than the limit, or none, and there are no more. */
export type Listed =
  | { readonly names: readonly string[] }
  | { readonly refusal: "missing" | "denied" | "failed" };

/** What planning asks of storage, which answers what the sender of the job may read. */
export interface Listings {
  list(request: ListRequest): Promise<Listed>;
}

/** An object or container that is like a wildcard. */
export interface Match {
  readonly item: StoredItem;
  /** What each `*` took, over `/ACCOUNT/CONTAINER/OBJECT`. */
  readonly captures: readonly string[];
}

/** Matches by the text of the wildcard, in the order of the listings. */
export type Matches = ReadonlyMap<string, readonly Match[]>;

export interface FoundMatches {
  readonly matches: Matches;
  readonly findings: readonly JobFinding[];
}

/** Most that is asked for at once: as many as Swift gives. */
export const PAGE_NAMES = 10_000;

/** Lists what the wildcards of a job look through, page by page, no more than its limits allow. */
export async function findMatches(
  job: Job,
  listings: Listings,
  settings: PlanSettings,
): Promise<FoundMatches> {
  const finder = new MatchFinder(listings, settings);
  for (const device of job.groups.flatMap((group) => group.devices)) {
    const url = wildcardOf(device);
    if (url !== undefined) await finder.find(url, device);
  }
  return { matches: finder.matches, findings: finder.report.findings };
}

/** Storage refused, or a limit is reached: the finding is in the report. */
class Unlisted extends Error {}

class MatchFinder {
  readonly matches = new Map<string, readonly Match[]>();
  readonly report = new PlanReport();
  readonly #listings: Listings;
  readonly #settings: PlanSettings;
  #nameCount = 0;

  constructor(listings: Listings, settings: PlanSettings) {
    this.#listings = listings;
    this.#settings = settings;
  }

  /** What one URL stands for; found once, however often it is written. */
  async find(url: SwiftUrl, device: Device): Promise<void> {
    if (this.matches.has(url.text)) return;
    this.matches.set(url.text, []);
    try {
      const found = await this.#search(url, device);
      if (found.length === 0) this.report.add("no-objects", device.pathPlace, { url: url.text });
      this.matches.set(url.text, found);
    } catch (error) {
      if (!(error instanceof Unlisted)) throw error;
    }
  }

  async #search(url: SwiftUrl, device: Device): Promise<Match[]> {
    const account = url.account === OWN_ACCOUNT ? this.#settings.account : url.account;
    const whole = this.#pattern(pathOfItem({ ...url, account }));
    const { object } = url;
    const found: Match[] = [];
    for (const container of await this.#containers(account, url, device)) {
      const names =
        object === undefined
          ? [undefined]
          : await this.#names({ account, container }, object, device);
      for (const name of names) {
        const item = { account, container, ...(name === undefined ? {} : { object: name }) };
        // Each `*` may go over a slash, so what it takes is settled for the whole path.
        found.push({ item, captures: whole.match(pathOfItem(item)) ?? [] });
        this.#count("nodes", found.length, "nodes", device);
      }
    }
    return found;
  }

  async #containers(account: string, url: SwiftUrl, device: Device): Promise<string[]> {
    const { container } = url;
    return container.includes("*")
      ? await this.#names({ account }, container, device)
      : [container];
  }

  /** The names of a listing that are like a pattern. */
  async #names(
    place: { account: string; container?: string },
    text: string,
    device: Device,
  ): Promise<string[]> {
    const pattern = this.#pattern(text);
    const isOne = pattern.starCount === 0 && !this.#settings.hasOpenWildcards;
    const limit = isOne ? 1 : PAGE_NAMES;
    const found: string[] = [];
    let marker = "";
    for (;;) {
      const request = { ...place, prefix: pattern.prefix, marker, limit };
      const names = await this.#page(request, device);
      this.#nameCount += names.length;
      this.#count("names", this.#nameCount, "names for its wildcards", device);
      for (const name of names) {
        // What ends with a slash stands for a folder.
        if (name.endsWith("/") || pattern.match(name) === undefined) continue;
        if (isStoreName(name)) found.push(name);
        else
          this.report.add("name-skipped", device.pathPlace, { name, url: device.url?.text ?? "" });
      }
      marker = names.at(-1) ?? "";
      if (names.length < limit || isOne) return found;
    }
  }

  async #page(request: ListRequest, device: Device): Promise<readonly string[]> {
    const listed = await this.#listings.list(request);
    if ("names" in listed) return listed.names;
    const { account, container } = request;
    const url = device.url?.text ?? "";
    const place = pathOfPlace(request);
    if (listed.refusal === "denied") {
      this.report.add("list-denied", device.pathPlace, { place, url });
    } else if (container === undefined) {
      this.report.add("list-account", device.pathPlace, { account });
    } else {
      this.report.add("list-container", device.pathPlace, { container });
    }
    throw new Unlisted();
  }

  #count(limitName: "nodes" | "names", count: number, what: string, device: Device): void {
    const limit = this.#settings.limits[limitName];
    if (count <= limit) return;
    this.report.add("too-many", device.pathPlace, { count: `more than ${limit}`, what, limit });
    throw new Unlisted();
  }

  #pattern(text: string): Pattern {
    return new Pattern(text, this.#settings.hasOpenWildcards);
  }
}

function pathOfPlace({ account, container }: ListRequest): string {
  return container === undefined ? `/${account}` : pathOfItem({ account, container });
}
