import { byteStringOfText, bytesOf, percentDecoded } from "../../base/index.ts";
import type { ContainerAddress } from "./names.ts";

/**
 * Item of metadata that makes an object the manifest of a dynamic large one: Swift's
 * `X-Object-Manifest`, with `container/prefix`, escaped as a path is.
 */
export const DYNAMIC_MANIFEST = "x-object-manifest";

/** Objects that make up another one: all whose names begin so. */
export interface SegmentPrefix extends ContainerAddress {
  readonly prefix: string;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a manifest names in its own account; undefined for a value that is none. */
export function parseSegmentPrefix(
  value: string,
): Pick<SegmentPrefix, "container" | "prefix"> | undefined {
  // As in Swift: what looks like a query, or like a path with an empty name, was meant otherwise.
  const names = /[?&]/.test(value) ? undefined : /^([^/]+)\/([^/].*)$/s.exec(pathIn(value));
  if (names === undefined || names === null) return undefined;
  const [, container = "", prefix = ""] = names;
  return { container, prefix };
}

/** Empty where it is no UTF-8, or has a zero byte, which is in no name. */
function pathIn(value: string): string {
  try {
    const path = UTF8.decode(bytesOf(percentDecoded(byteStringOfText(value))));
    return path.includes("\0") ? "" : path;
  } catch {
    return "";
  }
}
