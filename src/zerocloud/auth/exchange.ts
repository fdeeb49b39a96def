/** Headers of a request by their names in lower case, as `node:http` has them. */
export type AuthHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What sign-in looks at in a request. */
export interface AuthRequest {
  readonly method: string;
  /** Path of the request, without its query, as it was sent. */
  readonly path: string;
  readonly headers: AuthHeaders;
  /** Address of the client: who guesses keys from it is slowed down, others are not. */
  readonly address: string;
}

export interface AuthAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The first of `names` that the request has, if it is one line of text. */
export function headerOf(headers: AuthHeaders, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headers[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** The same of a header that is text in UTF-8: Node gives a character for each of its bytes. */
export function textHeaderOf(
  headers: AuthHeaders,
  ...names: readonly string[]
): string | undefined {
  const value = headerOf(headers, ...names);
  return value === undefined ? undefined : Buffer.from(value, "latin1").toString();
}

/** What the path of a request for a token says; the account where it names one. */
export interface TokenPath {
  readonly account?: string;
}

/**
 * The paths of tempauth: `/auth`, `/auth/v1`, `/auth/v1.0`, and `/v1/ACCOUNT/auth` with or without
 * `/auth` before it. One that can be a container's, since its account has the prefix of those of
 * the store, is none of them.
 */
export function parseTokenPath(path: string, prefix: string): TokenPath | undefined {
  if (/^\/auth(\/v1(\.0)?)?\/?$/.test(path)) return {};
  const [, ours, text] = /^(\/auth)?\/v1\/([^/]{1,600})\/auth\/?$/.exec(path) ?? [];
  if (text === undefined) return undefined;
  const account = decoded(text);
  if (account === undefined) return undefined;
  return ours === undefined && account.startsWith(prefix) ? undefined : { account };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
