import { type Refusal, refuse } from "../result/index.ts";
import { type HeaderTable, mediaType } from "./header-table.ts";

/** What the body of a request for a job is. */
export type BodyKind =
  | { readonly kind: "json" }
  /** A tar image with the job inside. */
  | { readonly kind: "image"; readonly contentType: string; readonly isGzip: boolean }
  | { readonly kind: "script" };

const TAR_TYPES: readonly string[] = [
  "application/x-tar",
  "application/x-gtar",
  "application/x-ustar",
];
const GZIP_TYPES: readonly string[] = ["application/x-gzip", "application/gzip"];

/** What something of a content type is as a job. */
export function bodyKindOf(contentType: string): BodyKind {
  const type = mediaType(contentType);
  if (type === "application/json") return { kind: "json" };
  const isGzip = GZIP_TYPES.includes(type);
  if (!isGzip && !TAR_TYPES.includes(type)) return { kind: "script" };
  return { kind: "image", contentType: type, isGzip };
}

/** Whether something of a content type can be an app: an archive, for `api` also a job as JSON. */
export function canBeApp(contentType: string, request: "open" | "api"): boolean {
  const { kind } = bodyKindOf(contentType);
  return kind === "image" || (kind === "json" && request === "api");
}

/**
 * What the body of a direct POST is: its type has to be said, and its length of all but JSON.
 */
export function judgeBody(headers: HeaderTable): BodyKind | Refusal {
  const contentType = headers["content-type"] ?? "";
  if (mediaType(contentType) === "") return refuse(400, "Must specify Content-Type");
  const kind = bodyKindOf(contentType);
  const hasLength = headers["content-length"] !== undefined;
  if (kind.kind !== "json" && !hasLength) return refuse(400, "Must specify Content-Length");
  return kind;
}
