import { ZvmError } from "../../base/index.ts";
import { JobBusy } from "../admission/index.ts";
import { EmbeddedJobStore } from "../embedded/index.ts";
import { type Exchange, senderOf } from "../exchange/index.ts";
import type { ExecutorSettings, LocalRunner } from "../execute/index.ts";
import type { Judgement, Prevalidation } from "../http/index.ts";
import type { Log } from "../log/index.ts";
import { isProgramType } from "../request/index.ts";
import { PROGRAM_RULES, Refusal } from "../run/index.ts";
import type { ObjectStat, Store } from "../store/index.ts";

/** Larger ones are judged when they run: the limit of the original. */
const JUDGED_BYTES_MAX = 2 ** 28;

export interface ProgramJudgeParts {
  readonly store: Store;
  readonly runner: LocalRunner;
  readonly settings: ExecutorSettings;
  readonly log: Log;
}

/**
 * Judges programs when they are stored, by what a run of them would do first, and in the same line:
 * the accounts take turns.
 */
export class ProgramJudge implements Prevalidation {
  readonly rules = PROGRAM_RULES;
  readonly #parts: ProgramJudgeParts;

  constructor(parts: ProgramJudgeParts) {
    this.#parts = parts;
  }

  isProgram(contentType: string): boolean {
    return isProgramType(contentType);
  }

  /** Whether one more program of an account would be judged, now or in its turn. */
  hasRoom(account: string): boolean {
    try {
      this.#parts.runner.turns.judge(account);
      return true;
    } catch (cause) {
      if (cause instanceof JobBusy) return false;
      throw cause;
    }
  }

  /** Whom nothing is judged for is not kept waiting. */
  async needRoom(exchange: Exchange, account: string): Promise<void> {
    if (await this.#mayAsk(exchange, account)) this.#parts.runner.turns.judge(account);
  }

  /** Only for who may run jobs in its account: to judge takes the time that to run takes. */
  async judge(exchange: Exchange, stat: ObjectStat): Promise<Judgement> {
    const { sizeBytes } = stat.file;
    if (sizeBytes > JUDGED_BYTES_MAX) {
      return unjudged(`it has ${sizeBytes} bytes, and ${JUDGED_BYTES_MAX} are the most`);
    }
    if (!(await this.#mayAsk(exchange, stat.account))) {
      return unjudged("only for who may run jobs in the account of the object");
    }
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    exchange.response.once("close", leave);
    if (exchange.response.destroyed) leave();
    try {
      return await this.#judge(stat, gone.signal);
    } catch (cause) {
      // It is judged when it runs.
      if (gone.signal.aborted) return unjudged("the client went away");
      if (cause instanceof JobBusy) {
        return unjudged("others wait to be judged; a POST with X-Zerovm-Validate asks again");
      }
      if (cause instanceof ZvmError && cause.code === "ZVM_JOB_BUSY") {
        return unjudged("the server stops");
      }
      if (cause instanceof Refusal) return unjudged(cause.message);
      const { account } = stat;
      const text = "A program could not be judged when it was stored";
      const request = exchange.transaction;
      this.#parts.log.write({ kind: "failure", account, request, text, cause });
      return unjudged("the server failed; its log says why");
    } finally {
      exchange.response.off("close", leave);
    }
  }

  async #mayAsk(exchange: Exchange, account: string): Promise<boolean> {
    const store = new EmbeddedJobStore(this.#parts.store, () => senderOf(exchange));
    return await store.mayExecute(account);
  }

  async #judge(
    { account, container, object, file }: ObjectStat,
    signal: AbortSignal,
  ): Promise<Judgement> {
    const { store, runner, settings } = this.#parts;
    const { stat, handle } = await store.objects.open({ account, container, object });
    try {
      const { sha256, sizeBytes } = stat.file;
      // Whoever stored something else since then has it judged.
      if (sha256 !== file.sha256) return unjudged("something else was stored meanwhile");
      const piece = { fd: handle.fd, startBytes: 0, sizeBytes, isWholeFile: true };
      const url = `swift://${account}/${container}/${object}`;
      const { memoryBytes, fuel } = settings;
      const request = { account, signal, memoryBytes, ...(fuel !== undefined && { fuel }) };
      const open = async () => ({ pieces: [piece], sha256 });
      const reason = await runner.faultOf({ url, sha256, open }, request);
      return reason === undefined ? { kind: "valid" } : { kind: "invalid", reason };
    } finally {
      await handle.close();
    }
  }
}

/** It is judged when it runs. */
function unjudged(reason: string): Judgement {
  return { kind: "unjudged", reason };
}
