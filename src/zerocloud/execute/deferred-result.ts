import { ZvmError } from "../../base/index.ts";
import type { Deferral } from "../request/index.ts";
import {
  type Answer,
  deferredHeaders,
  headerOf,
  readAnswer,
  releaseAnswer,
} from "../result/index.ts";
import type { JobStore, Storage } from "../storage/index.ts";

/** Header of every answer of a job: the id under which the server knows it. */
export const JOB_HEADER = "X-Zerovm-Job";

/**
 * Sees to it that the result of a deferred job has a place, before the job runs: its container is
 * made where whoever asks may make it.
 * @throws ZvmError ZVM_STORE_DENIED and others of the store
 */
export async function prepareResult(
  { result }: Deferral,
  storage: Storage,
  store: JobStore,
): Promise<void> {
  try {
    await storage.authorize(result, "write");
  } catch (error) {
    // Only the owner of the account gets to know that there is none.
    if (!(error instanceof ZvmError) || error.code !== "ZVM_STORE_NOT_FOUND") throw error;
    await store.createContainer(result);
  }
}

/**
 * Stores the answer of a deferred job: who finds its body finds status and headers too.
 * @throws ZvmError of the store
 */
export async function storeResult(
  { result, headers }: Deferral,
  answer: Answer,
  storage: Storage,
): Promise<void> {
  try {
    const text = new TextEncoder().encode(deferredHeaders(answer));
    const contentType = "application/json";
    await storage.put(headers, { source: onePiece(text), contentType, meta: {} });
    await storage.put(result, {
      source: readAnswer(answer),
      contentType: headerOf(answer, "Content-Type") ?? "application/octet-stream",
      meta: {},
    });
  } finally {
    releaseAnswer(answer);
  }
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}
