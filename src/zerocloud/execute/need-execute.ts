import { deny, type Exchange } from "../exchange/index.ts";
import type { JobStore, LoadedApp } from "../storage/index.ts";

/**
 * Sees to it that only who may run jobs on an account does so, through an app where one was loaded.
 * @throws ZvmError ZVM_HTTP_SIGN_IN, _DENIED
 */
export async function needExecute(
  exchange: Exchange,
  store: JobStore,
  account: string,
  app?: LoadedApp,
): Promise<void> {
  if (!(await store.mayExecute(account, app))) await deny(exchange);
}
