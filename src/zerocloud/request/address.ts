import { bytesOf, percentDecoded } from "../../base/index.ts";
import { isWildcard, OWN_ACCOUNT, parseUrl, type SwiftUrl } from "../job/index.ts";
import type { StoredItem } from "../plan/index.ts";
import { type Refusal, refuse } from "../result/index.ts";
import { utf8Text } from "./header-table.ts";

/** What the path of a request names, as bytes: it is cut first and decoded as text later. */
interface PathParts {
  readonly version: string;
  readonly account: string;
  readonly container: string;
  /** With its slashes. */
  readonly object: string;
}

/** What the path of a request of ours names. */
export interface Address {
  /** What the first part of the path is. */
  readonly version: string;
  readonly account: string;
  readonly container?: string;
  readonly object?: string;
}

/** The parts of a path `/VERSION/ACCOUNT/CONTAINER/OBJECT`; undefined where it has no first one. */
export function splitPath(path: string): PathParts | undefined {
  const [before, version = "", account = "", container = "", ...rest] =
    percentDecoded(path).split("/");
  if (before !== "" || version === "") return undefined;
  return { version, account, container, object: rest.join("/") };
}

/** The parts as text; undefined where they are no UTF-8, or have a zero byte. */
export function addressOf({ version, account, container, object }: PathParts): Address | undefined {
  const texts = [version, account, container, object].map((part) => utf8Text(bytesOf(part)));
  const [first, second, third, fourth] = texts;
  if (first === undefined || second === undefined) return undefined;
  if (third === undefined || fourth === undefined) return undefined;
  if (texts.some((text) => text?.includes("\0"))) return undefined;
  return {
    version: first,
    account: second,
    ...(third === "" ? {} : { container: third }),
    ...(third === "" || fourth === "" ? {} : { object: fourth }),
  };
}

/** An object that has a name. */
export interface ObjectItem extends StoredItem {
  readonly object: string;
}

/** The object of an address; undefined where it names none. */
export function objectOf({ account, container, object }: Address): ObjectItem | undefined {
  return container === undefined || object === undefined
    ? undefined
    : { account, container, object };
}

/** The URL by which a job names an object, as it is: nothing is encoded. */
export function swiftUrlOf({ account, container, object }: ObjectItem): string {
  return `swift://${account}/${container}/${object}`;
}

/** The URL of an object that a job can name; a `*` in a name would mean something else there. */
export function jobUrlOf(item: ObjectItem): string | Refusal {
  const url = swiftUrlOf(item);
  return objectUrl(url) === undefined ? refuse(400, `Invalid path: ${url}`) : url;
}

/** The object that a URL names; undefined where it is no `swift://` URL of one object. */
export function objectUrl(text: string): (SwiftUrl & { readonly object: string }) | undefined {
  const url = parseUrl(text);
  if (!("scheme" in url) || url.scheme !== "swift" || isWildcard(url)) return undefined;
  const { object } = url;
  return object === undefined ? undefined : { ...url, object };
}

/** The object that a URL names for requests to an account. */
export function itemOfUrl(text: string, account: string): ObjectItem | undefined {
  const url = objectUrl(text);
  if (url === undefined) return undefined;
  const owner = url.account === OWN_ACCOUNT ? account : url.account;
  return { account: owner, container: url.container, object: url.object };
}
