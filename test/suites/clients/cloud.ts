import { CloudProcess, type CloudUser, USERS } from "../../support/cloud-process.ts";

/** A cloud that clients are tried on. */
export interface Cloud {
  readonly authUrl: string;
  /** Of the first user's account. */
  readonly storageUrl: string;
  readonly users: { readonly first: CloudUser; readonly second: CloudUser };
  close(): Promise<void>;
}

/** The cloud that `ZEROVM_CLOUD` names, with the users of `USERS`; else `zerovm serve`. */
export async function openCloud(): Promise<Cloud> {
  const url = process.env["ZEROVM_CLOUD"];
  if (url !== undefined) return cloudAt(url, async () => undefined);
  const server = await CloudProcess.start();
  return cloudAt(server.url, async () => void (await server.stop()));
}

function cloudAt(url: string, close: () => Promise<void>): Cloud {
  return { authUrl: `${url}/auth/v1.0`, storageUrl: `${url}/v1/AUTH_test`, users: USERS, close };
}
