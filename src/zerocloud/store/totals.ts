import { ZvmError } from "../../base/index.ts";
import { ALL_KEYS, type Database } from "./database.ts";
import {
  type AccountRecord,
  encodeRecord,
  parseAccount,
  parseTotals,
  type StoreTotals,
} from "./records.ts";

/** Where they are kept, in the table of the store's own state. */
export const TOTALS_KEY = Buffer.from("totals");
const NOTHING: StoreTotals = { accounts: 0, containers: 0, objects: 0, bytes: 0 };

/**
 * Sums over all accounts, kept beside them so that nobody has to go through them to know. Each
 * change of an account changes them in the same transaction.
 */
export class Totals {
  readonly #tables: Database["tables"];

  constructor({ tables }: Database) {
    this.#tables = tables;
  }

  /** Counted once in folders that were made before there were sums, or where they are damaged. */
  read(): StoreTotals {
    const bytes = this.#tables.state.get(TOTALS_KEY);
    return (bytes === undefined ? undefined : parseTotals(bytes)) ?? this.#counted();
  }

  /**
   * An account becomes another one, or comes, or goes. Called before it is written, inside of
   * `Database.change` only.
   */
  change(before: AccountRecord | undefined, after: AccountRecord | undefined): void {
    const totals = this.read();
    const [old, next] = [ofAccount(before), ofAccount(after)];
    const changed = combine(totals, combine(next, old, -1), 1);
    this.#tables.state.put(TOTALS_KEY, encodeRecord(changed));
  }

  #counted(): StoreTotals {
    let totals = NOTHING;
    for (const { key, value } of this.#tables.accounts.entries(ALL_KEYS)) {
      totals = combine(totals, ofAccount(accountIfSound(value, key)), 1);
    }
    return totals;
  }
}

/** A damaged one is no reason for others to wait; `store check` names it, uncounted too. */
function accountIfSound(value: Buffer, key: Buffer): AccountRecord | undefined {
  try {
    return parseAccount(value, key.toString());
  } catch (cause) {
    if (cause instanceof ZvmError) return undefined;
    throw cause;
  }
}

function ofAccount(account: AccountRecord | undefined): StoreTotals {
  if (account === undefined) return NOTHING;
  const { containerCount: containers, objectCount: objects, sizeBytes: bytes } = account;
  return { accounts: 1, containers, objects, bytes };
}

function combine(one: StoreTotals, other: StoreTotals, sign: 1 | -1): StoreTotals {
  return {
    accounts: one.accounts + sign * other.accounts,
    containers: one.containers + sign * other.containers,
    objects: one.objects + sign * other.objects,
    bytes: one.bytes + sign * other.bytes,
  };
}
