import { ZvmError } from "../../base/index.ts";
import type { StoredItem } from "../plan/index.ts";
import type { Storage } from "../storage/index.ts";

/** As many names as one page of a listing has. */
const PAGE_NAMES = 10_000;

/**
 * The listing of a container as a node reads it that is attached to one: a line of JSON for each
 * object, in the order of the names. It has no times, so the same objects are the same bytes.
 * @throws ZvmError ZVM_STORE_NOT_FOUND, _DENIED, _FAILED
 */
export async function* listingLines(storage: Storage, place: StoredItem): AsyncGenerator<Buffer> {
  const { account, container } = place;
  let marker = "";
  for (;;) {
    const request = { account, container, prefix: "", marker, limit: PAGE_NAMES };
    const listed = await storage.list(request);
    if ("refusal" in listed) throw refusedListing(listed.refusal, container);
    for (const object of listed.names) {
      const line = await lineOf(storage, { account, container, object });
      if (line !== undefined) yield Buffer.from(`${line}\n`);
    }
    marker = listed.names.at(-1) ?? "";
    if (listed.names.length < PAGE_NAMES) return;
  }
}

const CODES = {
  missing: "ZVM_STORE_NOT_FOUND",
  denied: "ZVM_STORE_DENIED",
  failed: "ZVM_STORE_FAILED",
} as const;

function refusedListing(refusal: keyof typeof CODES, container: string): ZvmError {
  return new ZvmError(CODES[refusal], `The container ${container} cannot be listed`);
}

/** One object; undefined where it was removed since it was listed. */
async function lineOf(storage: Storage, item: Required<StoredItem>): Promise<string | undefined> {
  try {
    const { sizeBytes, etag, contentType } = await storage.stat(item);
    const line = { name: item.object, bytes: sizeBytes, hash: etag, content_type: contentType };
    return JSON.stringify(line);
  } catch (error) {
    if (error instanceof ZvmError && error.code === "ZVM_STORE_NOT_FOUND") return undefined;
    throw error;
  }
}
