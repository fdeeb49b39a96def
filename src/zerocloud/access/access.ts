import { ZvmError } from "../../base/index.ts";

/** Who asks. */
export interface Identity {
  /**
   * Names that lists of access can name: `account`, `account:user`, the user, groups. Empty for
   * somebody unknown.
   */
  readonly names: readonly string[];
  /** The account that is theirs: they may do everything in it. */
  readonly owns?: string | undefined;
  /** Every account is theirs: they run the store. */
  readonly ownsAll?: boolean;
  /** `Referer` of the request. */
  readonly referrer?: string | undefined;
}

/** `ACCOUNT:USER` of somebody who has signed in: what programs and logs know of him. */
export function userName({ names }: Identity): string | undefined {
  return names.find((name) => name.includes(":"));
}

/** A list of access in Swift's words. */
export interface AccessList {
  /** `account`, `account:user`, `*:user`, a group. */
  readonly names: readonly string[];
  /** Hosts of referrers, in order: the last one that fits decides. */
  readonly referrers: readonly ReferrerRule[];
  /** `.rlistings`: who may read by a referrer may also list. */
  readonly listings: boolean;
}

export interface ReferrerRule {
  readonly allows: boolean;
  /** `*`, a host, or a domain with a leading dot. */
  readonly host: string;
}

/** Headers of a container with its lists of access. */
export const READ_LIST = "x-container-read";
export const WRITE_LIST = "x-container-write";

/**
 * Parses a list such as `.r:*,.rlistings,other:user`.
 * @param header it came in, for messages and because writers have no referrers
 * @throws ZvmError ZVM_STORE_METADATA
 */
export function parseAccessList(text: string, header: string): AccessList {
  const names: string[] = [];
  const referrers: ReferrerRule[] = [];
  let listings = false;
  for (const item of text.split(",").map((one) => one.trim())) {
    const [, word, host = ""] = /^\.([^:]*):?\s*(.*)$/s.exec(item) ?? [];
    if (item === "") continue;
    if (word === undefined) names.push(item);
    else if (word === "rlistings" && host === "") listings = true;
    else if (REFERRER_WORDS.includes(word) && header !== WRITE_LIST) {
      referrers.push(parseReferrer(host, item));
    } else refuse(`${header} has ${JSON.stringify(item)}, which is no rule`);
  }
  return { names, referrers, listings };
}

const REFERRER_WORDS: readonly string[] = ["r", "ref", "referer", "referrer"];

function parseReferrer(text: string, item: string): ReferrerRule {
  const allows = !text.startsWith("-");
  const named = (allows ? text : text.slice(1)).trim().toLowerCase();
  const host = named.startsWith("*.") ? named.slice(1) : named;
  if (host === "" || host === ".") refuse(`${JSON.stringify(item)} names no host`);
  return { allows, host };
}

function refuse(message: string): never {
  throw new ZvmError("ZVM_STORE_METADATA", message);
}

/** What somebody wants to do with a container or its objects. */
export type Action = "read" | "list" | "write";

/** Whether the account is theirs, as their own or as all are: they may do everything in it. */
export function ownsAccount(identity: Identity, account: string): boolean {
  return identity.ownsAll === true || identity.owns === account;
}

/**
 * Whether `identity` may do it. Owners of the account may; others by the container's lists.
 * A list that cannot be read allows nothing.
 */
export function mayAccess(
  identity: Identity,
  action: Action,
  container: { readonly account: string; readonly metadata: Readonly<Record<string, string>> },
): boolean {
  if (ownsAccount(identity, container.account)) return true;
  const header = action === "write" ? WRITE_LIST : READ_LIST;
  const text = container.metadata[header];
  if (text === undefined) return false;
  const list = listOrNothing(text, header);
  const isNamed = list.names.some((name) => fits(name, identity.names));
  if (isNamed) return true;
  return allowsReferrer(list.referrers, identity.referrer) && (action !== "list" || list.listings);
}

function listOrNothing(text: string, header: string): AccessList {
  try {
    return parseAccessList(text, header);
  } catch {
    return { names: [], referrers: [], listings: false };
  }
}

/** `*:user` is the user of that name in any account. */
function fits(rule: string, names: readonly string[]): boolean {
  if (names.includes(rule)) return true;
  return rule.startsWith("*:") && names.some((name) => name.endsWith(rule.slice(1)));
}

function allowsReferrer(rules: readonly ReferrerRule[], referrer: string | undefined): boolean {
  const host = hostOf(referrer);
  return rules.reduce((allowed, rule) => (ruleFits(rule, host) ? rule.allows : allowed), false);
}

function ruleFits({ host: rule }: ReferrerRule, host: string): boolean {
  return rule === "*" || rule === host || (rule.startsWith(".") && host.endsWith(rule));
}

function hostOf(referrer: string | undefined): string {
  try {
    return new URL(referrer ?? "").hostname.toLowerCase();
  } catch {
    return "";
  }
}
