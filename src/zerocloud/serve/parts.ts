import { type Diagnostic, formatDiagnostic, printable, ZvmError } from "../../base/index.ts";
import { firstAccount, readAccounts, TempAuth } from "../auth/index.ts";
import type { ServerConfig } from "../config/index.ts";
import { Log } from "../log/index.ts";
import { type Gauges, Health, Metrics } from "../metrics/index.ts";
import { Store } from "../store/index.ts";

/** What a server works with. */
export interface ServerParts {
  readonly config: ServerConfig;
  readonly store: Store;
  readonly auth: TempAuth;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: Health;
  /** The account that this start made, to be shown once. */
  readonly made?: { readonly user: string; readonly key: string };
  /** The accounts file. */
  readonly accountsPath: string;
}

/**
 * Opens all that a server works with. Whoever calls closes the store.
 * @param look the figures of the server that is to be
 * @throws ZvmError ZVM_USAGE without a data folder, ZVM_STORE_IN_USE and others of the store,
 *   ZVM_AUTH, ZVM_FILE
 */
export async function openParts(
  config: ServerConfig,
  look: () => Gauges | Promise<Gauges>,
): Promise<ServerParts> {
  const folder = config.data;
  if (folder === undefined) {
    throw new ZvmError("ZVM_USAGE", "zerovm serve: name the data folder with --data DIR");
  }
  const log = new Log({ level: config["log.level"], form: config["log.form"] });
  const store = await Store.open({ folder, objectBytesMax: config["limits.objectBytes"] });
  try {
    const file = config["auth.file"];
    const first = file === undefined ? await firstAccount(folder) : { path: file };
    const { users, warnings } = await readAccounts(first.path);
    warn(log, first.path, warnings);
    const publicUrl = config.publicUrl;
    const auth = new TempAuth(users, {
      tokenSeconds: config["auth.tokenSeconds"],
      ...(publicUrl !== undefined && { publicUrl }),
    });
    const parts = { config, store, auth, log, accountsPath: first.path };
    return { ...first, ...parts, metrics: new Metrics(look), health: new Health() };
  } catch (cause) {
    await store.close();
    throw cause;
  }
}

/** Reads the accounts file again; one with errors is told of, and the users stay as they are. */
export async function reloadAccounts({ auth, log, accountsPath }: ServerParts): Promise<void> {
  try {
    const { users, warnings } = await readAccounts(accountsPath);
    auth.replaceUsers(users);
    warn(log, accountsPath, warnings);
    const text = `Read ${accountsPath} again: ${users.size} users`;
    log.write({ kind: "event", level: "info", text });
  } catch (cause) {
    const text = "The accounts file was not taken, the users stay as they are";
    log.write({ kind: "failure", text, cause });
  }
}

function warn(log: Log, path: string, warnings: readonly Diagnostic[]): void {
  for (const found of warnings) {
    log.write({ kind: "event", level: "warn", text: formatDiagnostic(printable(path), found) });
  }
}
