import { refuse } from "../exchange/index.ts";
import { SEGMENTS_MAX, type SegmentRequest } from "../store/index.ts";

const KEYS: readonly string[] = ["path", "etag", "size_bytes", "range"];

/**
 * Segments that the body of `PUT ?multipart-manifest=put` names.
 * @throws ZvmError ZVM_STORE_MANIFEST with every finding, in Swift's words
 */
export function parseSegments(body: Buffer): SegmentRequest[] {
  const value = jsonOf(body);
  if (!Array.isArray(value)) refuse("ZVM_STORE_MANIFEST", "Manifest must be a list.");
  if (value.length > SEGMENTS_MAX) {
    refuse("ZVM_HTTP_TOO_LARGE", `Number of segments must be <= ${SEGMENTS_MAX}`);
  }
  const findings: string[] = [];
  const segments: SegmentRequest[] = [];
  for (const [index, item] of value.entries()) {
    const segment = segmentOf(item);
    if (typeof segment === "string") findings.push(`Index ${index}: ${segment}`);
    else segments.push(segment);
  }
  if (findings.length > 0) refuse("ZVM_STORE_MANIFEST", findings.join("\n"));
  return segments;
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return refuse("ZVM_STORE_MANIFEST", "Manifest must be valid JSON.");
  }
}

/** @returns what is wrong, in words */
function segmentOf(item: unknown): SegmentRequest | string {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return "not a JSON object";
  const { path, etag, size_bytes, range } = item as Readonly<Record<string, unknown>>;
  const extra = Object.keys(item).filter((key) => !KEYS.includes(key));
  if ("data" in item) return dataOf(item);
  if (extra.length > 0) return `extraneous keys ${extra.map((key) => `"${key}"`).join(", ")}`;
  if (path === undefined) return 'missing key "path" or "data"';
  if (typeof path !== "string" || !/^\/?[^/]+\/./s.test(path)) {
    return "path does not refer to an object. Path must be of the form /container/object.";
  }
  if (!isTold(etag, isText)) return "invalid etag";
  const sizeBytes = typeof size_bytes === "string" ? Number(size_bytes || "-1") : size_bytes;
  if (!isTold(sizeBytes, isCount)) return "invalid size_bytes";
  if (sizeBytes === 0) return "too small; each segment must be at least 1 byte.";
  if (!isTold(range, isText)) return "invalid range";
  if (range?.includes(",") === true) return "multiple ranges (only one allowed)";
  if (range != null && !/^(?:\d+-\d*|-\d+)$/.test(range)) return "invalid range";
  return { path, etag: unquoted(etag), sizeBytes: sizeBytes ?? null, range: range ?? null };
}

/** @returns what is wrong, in words */
function dataOf({ data, ...others }: { readonly data: unknown }): SegmentRequest | string {
  const extra = Object.keys(others);
  if (extra.length > 0) return `extraneous keys ${extra.map((key) => `"${key}"`).join(", ")}`;
  const digits = isText(data) ? /^([A-Za-z0-9+/]*)=*$/.exec(data)?.[1] : undefined;
  if (digits === undefined || digits.length % 4 === 1) return "data must be valid base64";
  if (digits === "") return "too small; each segment must be at least 1 byte.";
  return { data: Buffer.from(digits, "base64").toString("base64") };
}

function isTold<Type>(
  value: unknown,
  judge: (value: unknown) => value is Type,
): value is Type | null | undefined {
  return value == null || judge(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function unquoted(etag: string | null | undefined): string | null {
  return etag?.replace(/^"(.*)"$/, "$1") ?? null;
}
