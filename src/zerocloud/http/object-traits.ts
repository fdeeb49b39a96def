import { type Exchange, refuse } from "../exchange/index.ts";
import { DYNAMIC_MANIFEST, type ObjectTraits, parseSegmentPrefix } from "../store/index.ts";
import { contentTypeOf } from "./content-types.ts";
import { saysYes } from "./header-text.ts";
import { KEPT_HEADERS } from "./metadata-headers.ts";

/**
 * What a request tells of an object, but for its bytes. The type only where it is told.
 * @throws ZvmError ZVM_HTTP_REQUEST
 */
export function toldTraits(exchange: Exchange, nowMs: number): ObjectTraits {
  const metadata: Record<string, string> = {};
  for (const [item, value] of Object.entries(exchange.headersWith("x-object-meta-"))) {
    metadata[`x-object-meta-${item}`] = value;
  }
  for (const name of KEPT_HEADERS) {
    const value = exchange.header(name);
    if (value !== undefined && value !== "") metadata[name] = value;
  }
  judgeManifest(metadata[DYNAMIC_MANIFEST]);
  const contentType = exchange.header("content-type");
  const deleteAtS = deletionTime(exchange, nowMs);
  return {
    metadata,
    ...(contentType ? { contentType } : {}),
    ...(deleteAtS === undefined ? {} : { deleteAtS }),
  };
}

/** `toldTraits` with a type in any case: guessed by the name where it is not told. */
export function newTraits(exchange: Exchange, nowMs: number, object: string): ObjectTraits {
  const told = toldTraits(exchange, nowMs);
  const isGuessed = saysYes(exchange.header("x-detect-content-type"));
  const contentType = isGuessed ? undefined : told.contentType;
  return { ...told, contentType: contentType ?? contentTypeOf(object) };
}

function judgeManifest(value: string | undefined): void {
  if (value === undefined || parseSegmentPrefix(value) !== undefined) return;
  const form = "must be in the format container/prefix";
  refuse("ZVM_HTTP_REQUEST", `X-Object-Manifest ${form}`);
}

/** @returns seconds since 1970 */
function deletionTime(exchange: Exchange, nowMs: number): number | undefined {
  const nowS = Math.floor(nowMs / 1000);
  const after = exchange.header("x-delete-after");
  if (after) return judgeTime(nowS + wholeNumber(after, "X-Delete-After"), nowS, "X-Delete-After");
  const at = exchange.header("x-delete-at");
  return at ? judgeTime(wholeNumber(at, "X-Delete-At"), nowS, "X-Delete-At") : undefined;
}

function wholeNumber(text: string, header: string): number {
  if (!/^-?\d+(?:\.\d*)?$/.test(text)) refuse("ZVM_HTTP_REQUEST", `Non-integer ${header}`);
  return Math.floor(Number(text));
}

function judgeTime(timeS: number, nowS: number, header: string): number {
  if (timeS < nowS) refuse("ZVM_HTTP_REQUEST", `${header} in past`);
  return Math.min(timeS, LAST_S);
}

/** Later times mean this one, as in Swift: its ten digits are the most that a time has there. */
const LAST_S = 9_999_999_999;
