import { isObject } from "../../base/index.ts";
import { jsonOf } from "./entries.ts";
import { encodePath } from "./paths.ts";
import type { LeftOver, PutResult } from "./put-options.ts";
import { leftOver, removeSegments } from "./remove-segments.ts";
import { isSegmentOf } from "./segment-names.ts";
import type { Session } from "./session.ts";
import { readAll } from "./transport.ts";

/** An object that is stored, and where its segments are. */
export interface Place {
  readonly container: string;
  readonly object: string;
  readonly segmentContainer: string;
}

/** What came of storing an object, and the names of its segments. */
export interface Stored {
  readonly result: PutResult;
  readonly segments: readonly string[];
}

/** A manifest of a thousand segments with names of a kilobyte each. */
const MANIFEST_BYTES_MAX = 2 ** 23;
/** Every refusal but that of the token: who may only write may write all the same. */
const REFUSALS = [400, 403, 404, 405, 409, 410, 412, 416] as const;

/**
 * Stores an object, and then removes the segments of the large one that was there before: nothing
 * else would find them. What cannot be removed is told in the result, for the object is stored.
 * @param store gets the names of the segments that are there before
 */
export async function replacing(
  session: Session,
  place: Place,
  signal: AbortSignal | undefined,
  store: (before: readonly string[]) => Promise<Stored>,
): Promise<PutResult> {
  const before = (await ownSegments(session, place, signal)) ?? [];
  const { result, segments } = await store(before);
  const old = before.filter((name) => !segments.includes(name));
  if (old.length === 0) return result;
  const left = await removeReplaced(session, place, old, signal);
  return left === undefined ? result : { ...result, leftOver: left };
}

async function removeReplaced(
  session: Session,
  place: Place,
  old: readonly string[],
  signal: AbortSignal | undefined,
): Promise<LeftOver | undefined> {
  const { segmentContainer } = place;
  try {
    // Somebody else may have stored the former bytes again in the meantime.
    const named = await ownSegments(session, place, signal);
    if (named === undefined) throw new Error("the manifest of the object cannot be read");
    const unnamed = old.filter((name) => !named.includes(name));
    return await removeSegments(session, segmentContainer, unnamed, signal);
  } catch (cause) {
    return leftOver(segmentContainer, old, cause);
  }
}

/**
 * Names of the segments that the manifest of an object names below the object's own prefix; those
 * that stand elsewhere may be of others.
 * @returns none for what is no static large object; undefined where that cannot be known
 */
async function ownSegments(
  session: Session,
  { container, object, segmentContainer }: Place,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  const path = encodePath(container, object);
  const head = await session.request({ method: "HEAD", path, takes: REFUSALS, signal });
  await readAll(head, MANIFEST_BYTES_MAX);
  if (head.status >= 300) return undefined;
  if (head.headers["x-static-large-object"]?.toLowerCase() !== "true") return [];
  const query = "?multipart-manifest=get";
  const request = { method: "GET", path: path + query, takes: REFUSALS, signal };
  const answer = await session.request(request);
  const text = Buffer.from(await readAll(answer, MANIFEST_BYTES_MAX)).toString();
  if (answer.status >= 300) return undefined;
  const lines = jsonOf(text);
  if (!Array.isArray(lines)) return undefined;
  const within = `/${segmentContainer}/`;
  return lines.flatMap((line: unknown) => {
    const path = isObject(line) ? line["name"] : undefined;
    if (typeof path !== "string" || !path.startsWith(within)) return [];
    const name = path.slice(within.length);
    return isSegmentOf(object, name) ? [name] : [];
  });
}
