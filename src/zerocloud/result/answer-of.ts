import { assert, type HashFactory } from "../../base/index.ts";
import { type Answer, type AnswerPiece, releaseBodies, sizeOfBody } from "./answer.ts";
import { failureRanges } from "./failure-ranges.ts";
import { type Header, headerValue } from "./header-text.ts";
import { jsonOf, reportOfJob } from "./job-report.ts";
import { isBoundary, type MultipartPart, multipartBody } from "./multipart.ts";
import { nexeHeaders } from "./nexe-headers.ts";
import { isProgramHeader } from "./program-headers.ts";
import type { InstanceResult, JobResult, ResponsePart } from "./result.ts";

/** What an answer needs beside the result of the job. */
export interface AnswerWishes {
  /** Of the request: HEAD gets no body. */
  readonly method: string;
  /** `?format=json`: the report in the place of the bodies, or as a first part before them. */
  readonly isJson: boolean;
  /**
   * Present where the client takes `multipart/mixed`: 16 to 70 letters and digits that no program
   * can guess.
   */
  readonly boundary?: string;
  readonly transactionId: string;
  /** Seconds since 1970 with five decimals. */
  readonly timestamp: string;
  readonly hashes: HashFactory;
  /** Of all steps of a chain so far; absent where there are no chains. */
  readonly chainSeconds?: number;
}

/** What an answer without a body of its own says it is, where everything was stored. */
const STORED_TYPE = "application/x-gtar";

/**
 * The answer to the request that brought the job. It takes the bodies over: those that are not in
 * the answer are released.
 */
export function answerOf(result: JobResult, wishes: AnswerWishes): Answer {
  const { boundary } = wishes;
  assert(boundary === undefined || isBoundary(boundary), "a boundary is letters and digits");
  const told = toldInstances(result.instances);
  const status = statusOf(told);
  const responses = told.flatMap(responsesOf);
  const content = contentOf(result, responses, status, wishes);
  const hasBody = wishes.method !== "HEAD" && status !== 204 && status !== 304;
  const used = hasBody ? content.body : [];
  const all = result.instances.flatMap((instance) => instance.responses.map(({ body }) => body));
  releaseBodies(all.filter((body) => !used.includes(body)));
  const length = status === 204 ? [] : [["Content-Length", content.length] as const];
  const headers: Header[] = [
    ["Content-Type", headerValue(content.type)],
    ...length,
    ...nexeHeaders(result.seconds, told),
    ...retryHeader(told),
    ...chainHeader(wishes.chainSeconds),
    ["Etag", uncacheableEtag(wishes)],
    ["X-Timestamp", wishes.timestamp],
    ["X-Trans-Id", headerValue(wishes.transactionId)],
    ...content.headers,
  ];
  return { status, headers, body: used };
}

/** One that was refused before it read its input speaks for the job: the first one. */
function toldInstances(instances: readonly InstanceResult[]): readonly InstanceResult[] {
  const refused = instances.find(({ state }) => state === "refused");
  return refused === undefined ? instances : [refused];
}

/** The highest of all instances that came to something, and of what their programs set. */
function statusOf(instances: readonly InstanceResult[]): number {
  const counted = instances.filter(({ state }) => state !== "skipped" && state !== "cancelled");
  const all = counted.flatMap(({ status, responses }) => {
    return [status, ...responses.map((part) => part.status ?? 200)];
  });
  const status = Math.max(200, ...all);
  return status <= 599 ? status : 500;
}

interface Told {
  readonly instance: InstanceResult;
  readonly part: Omit<ResponsePart, "body"> & { readonly body: AnswerPiece };
}

/** What an instance has for the answer: of one that failed without a word, what went wrong. */
function responsesOf(instance: InstanceResult): Told[] {
  const { state, responses, error } = instance;
  if (responses.length > 0) return responses.map((part) => ({ instance, part }));
  if (error === undefined || (state !== "failed" && state !== "refused")) return [];
  const body = new TextEncoder().encode(`${error}\n`);
  return [{ instance, part: { device: "", contentType: "text/plain", headers: [], body } }];
}

interface Content {
  readonly type: string;
  readonly length: string;
  readonly headers: readonly Header[];
  readonly body: readonly AnswerPiece[];
}

function contentOf(
  result: JobResult,
  responses: readonly Told[],
  status: number,
  wishes: AnswerWishes,
): Content {
  const report = new TextEncoder().encode(
    wishes.isJson ? jsonOf(reportOfJob(result, status, wishes.transactionId)) : "",
  );
  const { boundary } = wishes;
  if (boundary !== undefined) {
    const first: MultipartPart = { headers: [["Content-Type", JSON_TYPE]], body: [report] };
    const parts = [...(wishes.isJson ? [first] : []), ...responses.map(multipartPart)];
    return content(`multipart/mixed; boundary=${boundary}`, [], multipartBody(parts, boundary));
  }
  if (wishes.isJson) return content(JSON_TYPE, [], [report]);
  return plainContent(responses, wishes.method);
}

const JSON_TYPE = "application/json";

function content(type: string, headers: readonly Header[], body: readonly AnswerPiece[]): Content {
  return { type, length: String(sizeOfBody(body)), headers, body };
}

/** All bodies in the order of results, with nothing between them. */
function plainContent(responses: readonly Told[], method: string): Content {
  const body = responses.map(({ part }) => part.body);
  const first = responses.find(({ part }) => sizeOfBody([part.body]) > 0) ?? responses[0];
  const type = first?.part.contentType ?? STORED_TYPE;
  const parts = responses.map(({ part }) => {
    return { sizeBytes: sizeOfBody([part.body]), isFailure: part.device === "" };
  });
  const merged = mergedHeaders(responses.map(({ part }) => part.headers));
  const plain = content(type, [...failureRanges(parts), ...merged], body);
  return method === "HEAD" ? { ...plain, length: lengthForHead(responses, plain.length) } : plain;
}

/** A program that answers HEAD prints headers only, and says how long the body would be. */
function lengthForHead(responses: readonly Told[], length: string): string {
  if (length !== "0") return length;
  const said = responses.flatMap(({ part }) => part.headers).find(([name]) => isLength(name));
  return said !== undefined && /^[0-9]{1,15}$/.test(said[1]) ? said[1] : length;
}

function isLength(name: string): boolean {
  return name.toLowerCase() === "content-length";
}

/** Headers of programs: of several parts that have one, the first counts; cookies add up. */
function mergedHeaders(lists: readonly (readonly Header[])[]): Header[] {
  const seen = new Set<string>();
  return lists.flatMap((list) => {
    const kept = list.filter(([name]) => isProgramHeader(name) && !seen.has(name.toLowerCase()));
    for (const [name] of kept) if (!isCookie(name)) seen.add(name.toLowerCase());
    return kept.map(([name, value]): Header => [name, headerValue(value)]);
  });
}

function isCookie(name: string): boolean {
  return name.toLowerCase() === "set-cookie";
}

function multipartPart({ instance, part }: Told): MultipartPart {
  const status: Header[] =
    part.status === undefined ? [] : [["X-Zerovm-Status", String(part.status)]];
  return {
    headers: [
      ["Content-Type", part.contentType],
      ["Content-Length", String(sizeOfBody([part.body]))],
      ["X-Nexe-System", instance.name],
      ["X-Zerovm-Device", part.device],
      ...status,
      ...mergedHeaders([part.headers]),
    ],
    body: [part.body],
  };
}

function retryHeader(instances: readonly InstanceResult[]): Header[] {
  return instances.flatMap(({ retryAfterSeconds: seconds }) => {
    return seconds === undefined ? [] : [["Retry-After", String(seconds)] as const];
  });
}

function chainHeader(seconds: number | undefined): readonly Header[] {
  return seconds === undefined ? [] : [["X-Chain-Total-Time", seconds.toFixed(3)]];
}

/** No two answers have the same: nothing between may keep them. */
function uncacheableEtag({ hashes, timestamp, transactionId }: AnswerWishes): string {
  const hash = hashes("md5");
  hash.update(new TextEncoder().encode(`${timestamp} ${transactionId}`));
  return hash.digestHex();
}
