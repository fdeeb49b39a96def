import { percentDecoded } from "../../base/index.ts";
import { textOfLatin1 } from "./header-text.ts";
import { refuse } from "./refusal.ts";

/**
 * A path or a part of one as text.
 * @throws ZvmError ZVM_HTTP_PRECONDITION where it is no UTF-8 or has a zero byte
 */
export function decodePath(latin1: string): string {
  const text = textOfLatin1(percentDecoded(latin1));
  return text === undefined || text.includes("\0") ? refuseText() : text;
}

function refuseText(): never {
  refuse("ZVM_HTTP_PRECONDITION", "Invalid UTF8 or contains NULL");
}

/** Parameters of a query, decoded; of several with one name the first counts. */
export class Query {
  readonly #values = new Map<string, string>();

  /**
   * @param latin1 what stands behind the `?`
   * @throws ZvmError ZVM_HTTP_PRECONDITION where it is no UTF-8
   */
  constructor(latin1: string) {
    for (const pair of latin1.split("&")) {
      if (pair === "") continue;
      const cut = pair.indexOf("=");
      const [name, value] = cut < 0 ? [pair, ""] : [pair.slice(0, cut), pair.slice(cut + 1)];
      const key = decodeParameter(name);
      if (this.#values.has(key)) continue;
      this.#values.set(key, MARKERS.includes(key) ? decodeMarker(value) : decodeParameter(value));
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }
}

function decodeParameter(latin1: string): string {
  return decodePath(latin1.replaceAll("+", " "));
}

const MARKERS: readonly string[] = ["marker", "end_marker"];

/** Names are only compared with a marker: one with a zero byte is the place just behind a name. */
function decodeMarker(latin1: string): string {
  return textOfLatin1(percentDecoded(latin1.replaceAll("+", " "))) ?? refuseText();
}
