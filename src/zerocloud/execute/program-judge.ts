import { mayExecute } from "../embedded/index.ts";
import { type Exchange, type Prevalidation, senderOf } from "../http/index.ts";
import type { Log } from "../log/index.ts";
import { isProgramType } from "../request/index.ts";
import { type JobHost, PROGRAM_RULES } from "../run/index.ts";
import type { ObjectStat, Store } from "../store/index.ts";
import type { ExecutorSettings } from "./settings.ts";

/** Larger ones are judged when they run: the limit of the original. */
const JUDGED_BYTES_MAX = 2 ** 28;

/** Where more wait, the next ones are judged when they run: nobody waits for all others. */
const WAITING_MAX = 16;

export interface ProgramJudgeParts {
  readonly store: Store;
  readonly host: JobHost;
  readonly settings: ExecutorSettings;
  readonly log: Log;
}

/**
 * Judges programs when they are stored, by what a run of them would do first. One at a time: each
 * is in memory as a whole while it is judged.
 */
export class ProgramJudge implements Prevalidation {
  readonly rules = PROGRAM_RULES;
  readonly #parts: ProgramJudgeParts;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(parts: ProgramJudgeParts) {
    this.#parts = parts;
  }

  isProgram(contentType: string): boolean {
    return isProgramType(contentType);
  }

  /** Only for who may run jobs in its account: to judge takes the time that to run takes. */
  async judge(exchange: Exchange, stat: ObjectStat): Promise<boolean> {
    if (stat.file.sizeBytes > JUDGED_BYTES_MAX) return false;
    const sender = await senderOf(exchange);
    if (!(await mayExecute(this.#parts.store, sender, stat.account))) return false;
    if (this.#waiting >= WAITING_MAX) return false;
    this.#waiting += 1;
    const judging = this.#last.then(async () => await this.#judge(stat));
    this.#last = judging.catch(() => undefined);
    try {
      return await judging;
    } catch (cause) {
      const { account } = stat;
      const text = "A program could not be judged when it was stored";
      const request = exchange.transaction;
      this.#parts.log.write({ kind: "failure", account, request, text, cause });
      return false;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #judge({ account, container, object, file }: ObjectStat): Promise<boolean> {
    const { store, host, settings } = this.#parts;
    const { stat, handle } = await store.objects.open({ account, container, object });
    try {
      const { sha256, sizeBytes } = stat.file;
      // Whoever stored something else since then has it judged.
      if (sha256 !== file.sha256) return false;
      const piece = { fd: handle.fd, startBytes: 0, sizeBytes, isWholeFile: true };
      const url = `swift://${account}/${container}/${object}`;
      const { memoryBytes, fuel } = settings;
      const request = { memoryBytes, ...(fuel !== undefined && { fuel }) };
      const open = async () => ({ pieces: [piece], sha256 });
      return await host.accepts({ url, sha256, open }, request);
    } finally {
      await handle.close();
    }
  }
}
