/** A cloud that clients are tried on. */
export interface Cloud {
  readonly authUrl: string;
  /** Of the first user's account. */
  readonly storageUrl: string;
  readonly users: { readonly first: User; readonly second: User };
  close(): Promise<void>;
}

export interface User {
  readonly name: string;
  readonly key: string;
}

export async function openCloud(): Promise<Cloud> {
  const base = process.env["ZEROVM_CLOUD"] ?? "";
  return {
    authUrl: `${base}/auth/v1.0`,
    storageUrl: `${base}/v1/AUTH_test`,
    users: {
      first: { name: "test:tester", key: "testing" },
      second: { name: "test2:tester2", key: "testing2" },
    },
    close: async () => undefined,
  };
}
