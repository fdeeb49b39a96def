import { createHash } from "node:crypto";
import { type Exchange, isMissing, refusalOf, refuse, statusLine } from "../exchange/index.ts";
import {
  isData,
  type ObjectAddress,
  type ObjectStat,
  type Segment,
  type Store,
} from "../store/index.ts";
import { needAccess } from "./access.ts";
import { acceptedType } from "./listing-format.ts";
import { objectHeaders } from "./object-headers.ts";

/** Answers with the manifest of a large object itself: `?multipart-manifest=get`. */
export async function answerManifest(
  exchange: Exchange,
  store: Store,
  stat: ObjectStat,
): Promise<void> {
  const segments = await store.large.segments(stat);
  const isRaw = exchange.query.get("format") === "raw";
  const body = JSON.stringify(isRaw ? segments.map(rawSegment) : segments);
  const headers = {
    ...objectHeaders(stat),
    "Content-Type": isRaw ? stat.contentType : "application/json; charset=utf-8",
    Etag: createHash("md5").update(body).digest("hex"),
  };
  await exchange.answer(200, headers, body);
}

/** A segment in the form in which it can be sent again. */
function rawSegment(segment: Segment): object {
  if (isData(segment)) return segment;
  const { name, hash, bytes, range } = segment;
  return { path: name, etag: hash, size_bytes: bytes, ...(range === undefined ? {} : { range }) };
}

/** What became of a large object that was removed with its segments, in Swift's words. */
interface Report {
  "Number Deleted": number;
  "Number Not Found": number;
  "Response Status": string;
  "Response Body": string;
  readonly Errors: [path: string, status: string][];
}

/** Removed in one request, as in Swift: manifests over manifests can name any number. */
const PARTS_MAX = 10_000;

/**
 * Removes a large object with its segments, and reports: `?multipart-manifest=delete`. The sender
 * needs the right to write to the container of each.
 */
export async function removeWithSegments(
  exchange: Exchange,
  store: Store,
  address: ObjectAddress,
): Promise<void> {
  const report: Report = {
    "Number Deleted": 0,
    "Number Not Found": 0,
    "Response Status": "200 OK",
    "Response Body": "",
    Errors: [],
  };
  try {
    let seen = 0;
    for await (const part of store.large.parts(address)) {
      seen += 1;
      if (seen > PARTS_MAX) refuse("ZVM_HTTP_TOO_LARGE", `It has more than ${PARTS_MAX} parts`);
      await removePart(exchange, store, part, report);
    }
  } catch (cause) {
    note(report, address, cause);
  }
  const first = report.Errors[0];
  if (first !== undefined) report["Response Status"] = "400 Bad Request";
  await answerReport(exchange, report);
}

async function removePart(
  exchange: Exchange,
  store: Store,
  part: ObjectAddress,
  report: Report,
): Promise<void> {
  try {
    await needAccess(exchange, store, "write", part);
    await store.objects.remove(part);
    report["Number Deleted"] += 1;
  } catch (cause) {
    note(report, part, cause);
  }
}

function note(report: Report, { container, object }: ObjectAddress, cause: unknown): void {
  if (isMissing(cause)) report["Number Not Found"] += 1;
  else report.Errors.push([`/${container}/${object}`, statusLine(refusalOf(cause).status)]);
}

async function answerReport(exchange: Exchange, report: Report): Promise<void> {
  const accepted = exchange.header("accept") ?? "text/plain";
  const type = acceptedType(accepted, ["text/plain", "application/json"]) ?? "text/plain";
  const { Errors: errors, ...counts } = report;
  const lines = Object.entries(counts).map(([name, value]) => `${name}: ${value}\n`);
  const failures = errors.map(([path, status]) => `${path}, ${status}\n`);
  const text = `${lines.join("")}Errors:\n${failures.join("")}`;
  const body = type === "application/json" ? JSON.stringify(report) : text;
  await exchange.answer(200, { "Content-Type": type }, body);
}
