import { ZvmError } from "../../base/index.ts";
import { pathOfItem } from "../plan/index.ts";
import {
  fillTemplate,
  isProgramType,
  jobUrlOf,
  noApplication,
  type ObjectItem,
  programJob,
  type Query,
  STANDARD_TEMPLATE_LIMITS,
  templateItem,
} from "../request/index.ts";
import { isRefusal, type Refusal, refuse } from "../result/index.ts";
import { bytesOfPieces } from "../run/index.ts";
import type { ItemReading, Storage } from "../storage/index.ts";

/**
 * The job that opens an object that is no app: by the template that its account has for the type,
 * else by itself where it is a program.
 * @param storage as whoever asks may read it
 * @returns text of the job
 * @throws ZvmError of the store where the object itself cannot be read
 */
export async function associatedJob(
  storage: Storage,
  item: ObjectItem,
  query: Query,
): Promise<string | Refusal> {
  const { contentType } = await storage.stat(item);
  const template = templateItem(item.account, contentType);
  const reading = template === undefined ? undefined : await ifReadable(storage, template);
  if (template !== undefined && reading !== undefined) {
    try {
      return await filled(reading, template, item, query);
    } finally {
      await reading.close();
    }
  }
  return isProgramType(contentType) ? programJob(item, query) : noApplication(contentType);
}

async function filled(
  reading: ItemReading,
  template: ObjectItem,
  item: ObjectItem,
  query: Query,
): Promise<string | Refusal> {
  const path = pathOfItem(template);
  const url = jobUrlOf(item);
  if (isRefusal(url)) return url;
  if (reading.stat.sizeBytes > STANDARD_TEMPLATE_LIMITS.bytesMax) {
    return refuse(413, `Config file at ${path} is too large`);
  }
  const blocks: Uint8Array[] = [];
  for await (const block of bytesOfPieces(reading.pieces)) blocks.push(block);
  return fillTemplate(Buffer.concat(blocks), path, query, url);
}

/** A template that is not there, or not for whoever asks, is none. */
async function ifReadable(storage: Storage, item: ObjectItem): Promise<ItemReading | undefined> {
  try {
    return await storage.read(item);
  } catch (error) {
    if (error instanceof ZvmError && ABSENT.includes(error.code)) return undefined;
    throw error;
  }
}

const ABSENT: readonly string[] = ["ZVM_STORE_NOT_FOUND", "ZVM_STORE_DENIED"];
