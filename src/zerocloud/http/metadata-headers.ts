import { parseAccessList, READ_LIST, WRITE_LIST } from "../access/index.ts";
import { type Exchange, type Headers, refuse } from "../exchange/index.ts";
import { DYNAMIC_MANIFEST, type Metadata } from "../store/index.ts";
import { titleCase } from "./header-text.ts";

type Kind = "account" | "container";

/**
 * Changes of metadata that a request to an account or container asks for: `X-…-Meta-NAME` sets an
 * item, or removes it where it is empty, and `X-Remove-…-Meta-NAME` removes it.
 * @throws ZvmError ZVM_STORE_METADATA for a list of access that is none; ZVM_HTTP_REQUEST
 */
export function metadataChanges(exchange: Exchange, kind: Kind): Metadata {
  const prefix = `x-${kind}-meta-`;
  const changes: Record<string, string> = {};
  for (const item of Object.keys(exchange.headersWith(`x-remove-${kind}-meta-`))) {
    changes[prefix + item] = "";
  }
  for (const [item, value] of Object.entries(exchange.headersWith(prefix))) {
    if (item === "") refuse("ZVM_HTTP_REQUEST", "Metadata name cannot be empty");
    changes[prefix + item] = value;
  }
  if (kind === "container") Object.assign(changes, accessLists(exchange));
  return changes;
}

function accessLists(exchange: Exchange): Metadata {
  const lists: Record<string, string> = {};
  for (const name of [READ_LIST, WRITE_LIST]) {
    const value = exchange.header(name);
    const removes = exchange.header(name.replace("x-", "x-remove-")) !== undefined;
    if (value !== undefined) {
      parseAccessList(value, name);
      lists[name] = value;
    } else if (removes) lists[name] = "";
  }
  return lists;
}

/** Headers beside metadata that are kept with an object and given back, as in Swift. */
export const KEPT_HEADERS: readonly string[] = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
  DYNAMIC_MANIFEST,
  "x-robots-tag",
];

const OWN = /^x-(?:account|container|object)-meta-./;

/** Whether it may be a header of an answer: a store may have been given others by other ways. */
function isHarmless(name: string): boolean {
  return OWN.test(name) || [READ_LIST, WRITE_LIST, ...KEPT_HEADERS].includes(name);
}

/** Metadata as headers of an answer. */
export function metadataHeaders(
  metadata: Metadata,
  isShown: (name: string) => boolean = () => true,
): Headers {
  const shown = Object.entries(metadata).filter(([name]) => isHarmless(name) && isShown(name));
  return Object.fromEntries(shown.map(([name, value]) => [titleCase(name), value]));
}
