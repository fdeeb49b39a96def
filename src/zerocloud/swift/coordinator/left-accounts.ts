import type { Exchange } from "../../exchange/index.ts";
import type { DeferredRecords, Executor } from "../../execute/index.ts";
import type { Log } from "../../log/index.ts";
import type { JobStore } from "../../storage/index.ts";
import { percentDecoded } from "../storage/index.ts";

/**
 * Accounts whose deferred jobs ended with an earlier coordinator. That has no rights of its own to
 * tell of them: the first request for a job of an owner brings those.
 */
export class LeftAccounts {
  readonly #executor: Executor;
  readonly #log: Log;
  /** Ids of the jobs by their accounts. */
  readonly #accounts = new Map<string, Set<string>>();

  constructor(executor: Executor, log: Log) {
    this.#executor = executor;
    this.#log = log;
  }

  /** Reads which jobs were left; before the first request. */
  async read(records: DeferredRecords): Promise<void> {
    for (const { file, record } of await records.left()) {
      if (record !== undefined) {
        const ids = this.#accounts.get(record.account) ?? new Set();
        this.#accounts.set(record.account, ids.add(record.id));
      } else {
        const text = `${file} is not what a coordinator keeps of a deferred job: remove it`;
        this.#log.write({ kind: "event", level: "warn", text });
      }
    }
  }

  /** Tells of what was left where the sender of a request owns the account; nobody waits for it. */
  noticed({ rawPath }: Exchange, storeOf: () => JobStore): void {
    if (this.#accounts.size === 0) return;
    const [, first = "", account = ""] = rawPath.split("/");
    // A look at all jobs is one at those of each account.
    const asked = first === "jobs" ? [...this.#accounts.keys()] : [percentDecoded(account)];
    for (const one of asked) if (this.#accounts.has(one)) void this.#tell(one, storeOf());
  }

  async #tell(account: string, store: JobStore): Promise<void> {
    const release = store.keep();
    try {
      if (!(await store.owns(account))) return;
      const ids = this.#accounts.get(account);
      this.#accounts.delete(account);
      if (ids !== undefined) await this.#executor.tellLeftJobsOf(ids, store);
    } catch (cause) {
      const text = "Deferred jobs of an earlier coordinator cannot be told of";
      this.#log.write({ kind: "failure", account, text, cause });
    } finally {
      release();
    }
  }
}
