import { isObject, ZvmError } from "../../base/index.ts";
import type { Log } from "../log/index.ts";
import { answerOfStopped, STOPPED_STATUS, STOPPED_TEXT, stoppedResult } from "../result/index.ts";
import { bytesOfPieces } from "../run/index.ts";
import type { JobStore, Storage } from "../storage/index.ts";
import type { DeferredRecord, DeferredRecords } from "./deferred-records.ts";
import { JOB_HEADER, prepareResult, storeResult } from "./deferred-result.ts";
import type { JobRegistry } from "./job-registry.ts";
import { TrackedJob } from "./tracked-job.ts";

export interface LeftJobsParts {
  readonly records: DeferredRecords;
  readonly registry: JobRegistry;
  /** As the server itself may use it, or the owner of the accounts that are told of. */
  readonly store: JobStore;
  readonly log: Log;
  /** Which jobs are told of; all that there are records of unless given. */
  readonly ids?: ReadonlySet<string>;
}

/**
 * Tells of deferred jobs that ended with an earlier server: their results are stored, and the
 * registry has them. What cannot be told now is told by the next start.
 */
export async function tellLeftJobs(parts: LeftJobsParts): Promise<void> {
  const { records, log, ids } = parts;
  const text = "A deferred job of an earlier server cannot be told of";
  try {
    for (const { file, record } of await records.left()) {
      if (record === undefined) {
        const found = `${file} is not what the server keeps of a deferred job: remove it`;
        log.write({ kind: "event", level: "warn", text: found });
        continue;
      }
      const { id: job, account, transaction: request } = record;
      if (ids?.has(job) === false) continue;
      try {
        await tell(record, parts);
        await records.drop(job);
      } catch (cause) {
        log.write({ kind: "failure", job, account, request, text, cause });
      }
    }
  } catch (cause) {
    log.write({ kind: "failure", text, cause });
  }
}

async function tell(record: DeferredRecord, { registry, store, log }: LeftJobsParts) {
  const { id, account, transaction, createdMs, names, deferral } = record;
  // Whoever sent the job was found to have the right when it was promised its result.
  const storage = await store.storage();
  if (!record.isTold) {
    if (await isStored(record, storage)) return;
    const answer = answerOfStopped(stoppedResult(names), transaction);
    const headers = [...answer.headers, [JOB_HEADER, id] as const];
    await prepareResult(deferral, storage, store);
    await storeResult(deferral, { ...answer, headers }, storage);
  }
  const job = new TrackedJob({ id, account, transaction, createdMs });
  job.resultUrl = deferral.url;
  job.stopped(STOPPED_TEXT, STOPPED_STATUS);
  registry.settle(job);
  const ties = { request: transaction, job: id, account };
  log.write({ kind: "event", level: "warn", ...ties, text: `A deferred job: ${STOPPED_TEXT}` });
}

const HEADERS_BYTES_MAX = 16 * 2 ** 20;

/** Whether the server got to store the whole result, and no further: the headers come first. */
async function isStored({ id, deferral }: DeferredRecord, storage: Storage): Promise<boolean> {
  try {
    const { pieces, stat, close } = await storage.read(deferral.headers);
    try {
      if (stat.sizeBytes > HEADERS_BYTES_MAX) return false;
      const bytes: Uint8Array[] = [];
      for await (const piece of bytesOfPieces(pieces)) bytes.push(Buffer.from(piece));
      const told: unknown = JSON.parse(Buffer.concat(bytes).toString());
      const headers = isObject(told) && isObject(told["headers"]) ? told["headers"] : {};
      if (headers[JOB_HEADER.toLowerCase()] !== id) return false;
    } finally {
      await close();
    }
    const result = await storage.stat(deferral.result);
    return Number(result.timestamp) > Number(stat.timestamp);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    if (error instanceof ZvmError && error.code === "ZVM_STORE_NOT_FOUND") return false;
    throw error;
  }
}
