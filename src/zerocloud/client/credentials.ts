import { ZvmError } from "../../base/index.ts";

/** How to come to a token and the URL of an account. */
export type Credentials =
  /** TempAuth v1: asked for at `authUrl` with name and key. */
  | {
      readonly kind: "v1";
      readonly authUrl: string;
      /** `ACCOUNT:USER`. */
      readonly user: string;
      readonly key: string;
    }
  /** A token that is there already. */
  | { readonly kind: "token"; readonly storageUrl: string; readonly token: string };

/** A token for an account. */
export interface Access {
  /** `https://HOST/v1/ACCOUNT`, without a slash at its end. */
  readonly storageUrl: string;
  readonly token: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the variables of the environment give: `ST_AUTH`, `ST_USER` and `ST_KEY`, else
 * `OS_STORAGE_URL` and `OS_AUTH_TOKEN`. Undefined where neither set is there.
 * @throws ZvmError ZVM_CLIENT_CREDENTIALS where the first is there in part
 */
export function environmentCredentials(environment: Environment): Credentials | undefined {
  const [authUrl, user, key] = V1_NAMES.map((name) => environment[name] || undefined);
  if (authUrl !== undefined && user !== undefined && key !== undefined) {
    return { kind: "v1", authUrl, user, key };
  }
  const { OS_STORAGE_URL: storageUrl, OS_AUTH_TOKEN: token } = environment;
  if (storageUrl && token) return { kind: "token", storageUrl: trimmed(storageUrl), token };
  const missing = V1_NAMES.filter((name) => !environment[name]);
  // ST_AUTH alone is often set for good, and names and keys are not.
  if (missing.length === V1_NAMES.length || (missing.length === 2 && authUrl)) return undefined;
  const message = `The environment has no ${missing.join(" and no ")}: all of ${V1_NAMES.join(", ")} are needed`;
  throw new ZvmError("ZVM_CLIENT_CREDENTIALS", message);
}

const V1_NAMES = ["ST_AUTH", "ST_USER", "ST_KEY"] as const;

export function trimmed(url: string): string {
  return url.replace(/\/+$/, "");
}

/** The account of a storage URL: what stands behind the version. */
export function accountOf(storageUrl: string): string {
  const path = URL.canParse(storageUrl) ? new URL(storageUrl).pathname : "";
  const account = /^(?:.*\/)?v1(?:\.0)?\/([^/]+)\/*$/.exec(path)?.[1];
  if (account !== undefined) return decoded(account);
  const message = `${JSON.stringify(storageUrl)} is no URL of an account, as http://HOST/v1/ACCOUNT`;
  throw new ZvmError("ZVM_CLIENT_ANSWER", message);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
