import type { Identity } from "../access/index.ts";
import { type AccountsFile, ADMIN, type AuthUser, RESELLER_ADMIN } from "./accounts-file.ts";
import {
  type AuthAnswer,
  type AuthHeaders,
  type AuthRequest,
  headerOf,
  parseTokenPath,
  textHeaderOf,
} from "./exchange.ts";
import { clientOf, FailureLimit } from "./failure-limit.ts";
import { isKey, isSameKey, KEY_BYTES_MAX, type StoredKey, unknownKeyLike } from "./key.ts";
import { Queue } from "./queue.ts";
import { Tokens } from "./tokens.ts";

export interface TempAuthOptions {
  /** How long a token is good. */
  readonly tokenSeconds: number;
  /** What clients reach the server by, without a slash at its end; else the request's `Host`. */
  readonly publicUrl?: string;
  /** A clock that never goes back, in milliseconds. */
  readonly nowMs?: () => number;
}

/** What names of accounts in the store begin with. */
const ACCOUNT_PREFIX = "AUTH_";
const FAILURES = { burst: 10, refillMs: 6000, namesMax: 10_000 };
/** Comparing with a hash of scrypt takes 32 MiB and a processor for a tenth of a second. */
const COMPARED_AT_ONCE = 2;
const COMPARED_LATER = 64;
/** Of the users of one account, those that wait included: others have to get their turn. */
const COMPARED_OF_ACCOUNT = 16;

/** Sign-in of TempAuth v1: gives tokens for keys, and says who a request with a token is from. */
export class TempAuth {
  readonly #options: TempAuthOptions;
  readonly #nowMs: () => number;
  readonly #tokens = new Tokens();
  readonly #failures = new FailureLimit(FAILURES);
  readonly #queue = new Queue(COMPARED_AT_ONCE, COMPARED_LATER);
  /** Names that are nobody's wait for each other only. */
  readonly #unknownQueue = new Queue(1, COMPARED_LATER);
  /** Keys that are compared or wait to be, by accounts. */
  readonly #compared = new Map<string, number>();
  #users: AccountsFile["users"];
  #unknownKey: StoredKey;

  /** @param users of an accounts file without errors */
  constructor(users: AccountsFile["users"], options: TempAuthOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#users = users;
    this.#unknownKey = unknownKeyFor(users);
  }

  /**
   * Takes the users of a file that was read again. Tokens of users who are as they were stay good.
   */
  replaceUsers(users: AccountsFile["users"]): void {
    for (const [name, before] of this.#users) {
      const now = users.get(name);
      const isSame =
        now !== undefined &&
        isSameKey(now.key, before.key) &&
        now.groups.join(" ") === before.groups.join(" ");
      if (!isSame) this.#tokens.revoke(name);
    }
    this.#users = users;
    this.#unknownKey = unknownKeyFor(users);
  }

  /**
   * Who a request is from: nobody known without a token.
   * @returns undefined where it has a token that is not good, which is to be answered with 401
   */
  identify(headers: AuthHeaders): Identity | undefined {
    const referrer = headerOf(headers, "referer");
    const token = headerOf(headers, "x-auth-token", "x-storage-token");
    if (token === undefined) return { names: [], referrer };
    const name = this.#tokens.userOf(token, this.#nowMs());
    const user = name === undefined ? undefined : this.#users.get(name);
    return user === undefined ? undefined : { ...identityOf(user), referrer };
  }

  /** Answers a request for a token. @returns undefined where its path is that of something else */
  answer(request: AuthRequest): Promise<AuthAnswer> | undefined {
    const path = parseTokenPath(request.path, ACCOUNT_PREFIX);
    if (path === undefined) return undefined;
    if (request.method !== "GET") {
      return Promise.resolve(refusal(405, "Ask for a token with GET", { allow: "GET" }));
    }
    return this.#answer(request, path.account);
  }

  async #answer(request: AuthRequest, account: string | undefined): Promise<AuthAnswer> {
    const name = nameOf(request.headers, account);
    const key = textHeaderOf(request.headers, "x-auth-key", "x-storage-pass");
    const isSound = name !== undefined && key !== undefined;
    if (!isSound || Buffer.byteLength(key) > KEY_BYTES_MAX) return unauthorized(account);
    const limited = `${clientOf(request.address)} ${name}`;
    const waitMs = this.#failures.take(limited, this.#nowMs());
    if (waitMs > 0) return tooMany(429, "Too many wrong keys", waitMs);
    const user = this.#users.get(name);
    const judged = this.#compare(key, user);
    if (judged === undefined) {
      this.#failures.giveBack(limited);
      return tooMany(503, "Too many sign in at this moment", 1000);
    }
    const isRight = await judged;
    // The file may have been read again meanwhile.
    if (!isRight || user === undefined || this.#users.get(name) !== user) {
      return unauthorized(account ?? name.split(":")[0]);
    }
    this.#failures.giveBack(limited);
    return this.#welcome(user, request.headers);
  }

  /** @returns undefined where too many keys wait to be compared */
  #compare(key: string, user: AuthUser | undefined): Promise<boolean> | undefined {
    if (user === undefined) return this.#unknownQueue.run(() => isKey(key, this.#unknownKey));
    const { account } = user;
    const count = this.#compared.get(account) ?? 0;
    if (count >= COMPARED_OF_ACCOUNT) return undefined;
    const judged = this.#queue.run(() => isKey(key, user.key));
    if (judged === undefined) return undefined;
    this.#compared.set(account, count + 1);
    return judged.finally(() => {
      const left = (this.#compared.get(account) ?? 0) - 1;
      if (left > 0) this.#compared.set(account, left);
      else this.#compared.delete(account);
    });
  }

  #welcome(user: AuthUser, headers: AuthHeaders): AuthAnswer {
    const { tokenSeconds } = this.#options;
    const nowMs = this.#nowMs();
    const token = this.#tokens.give(user.name, nowMs + tokenSeconds * 1000, nowMs);
    return {
      status: 200,
      headers: {
        "x-storage-url": this.#storageUrl(user, headers),
        "x-auth-token": token,
        "x-storage-token": token,
        "x-auth-token-expires": String(tokenSeconds),
        "cache-control": "no-store",
      },
      body: "",
    };
  }

  #storageUrl({ account, storageUrl }: AuthUser, headers: AuthHeaders): string {
    const host = headerOf(headers, "host") ?? "";
    const isHost = /^[A-Za-z0-9._~[\]:-]{1,300}$/.test(host);
    const server = this.#options.publicUrl ?? (isHost ? `http://${host}` : "");
    if (storageUrl !== undefined) return storageUrl.replace("$HOST", () => server);
    return `${server}/v1/${encodeURIComponent(ACCOUNT_PREFIX + account)}`;
  }
}

function unknownKeyFor(users: AccountsFile["users"]): StoredKey {
  const keys = [...users.values()].map(({ key }) => key);
  return unknownKeyLike(keys.find(({ kind }) => kind === "scrypt"));
}

/** `ACCOUNT:USER`; where the path names the account, the user may leave it out, not change it. */
function nameOf(headers: AuthHeaders, account: string | undefined): string | undefined {
  const given = textHeaderOf(headers, "x-auth-user", "x-storage-user");
  if (given === undefined || given.length > NAME_LENGTH_MAX) return undefined;
  if (account === undefined) return given.includes(":") ? given : undefined;
  const name = given.includes(":") ? given : `${account}:${given}`;
  return name.startsWith(`${account}:`) ? name : undefined;
}

const NAME_LENGTH_MAX = 512;

/**
 * Users themselves are no names for lists of access: a user called as another account would have
 * what that account was given.
 */
function identityOf({ name, account, groups }: AuthUser): Identity {
  const stored = ACCOUNT_PREFIX + account;
  const isAdmin = groups.includes(ADMIN);
  const named = groups.filter((group) => !group.startsWith("."));
  return {
    names: [account, name, ...named, ...(isAdmin ? [stored] : [])],
    ...(isAdmin && { owns: stored }),
    ...(groups.includes(RESELLER_ADMIN) && { ownsAll: true }),
  };
}

function unauthorized(realm = "unknown"): AuthAnswer {
  const shown = encodeURIComponent(realm.replace(/\p{Surrogate}/gu, "")).slice(0, 200);
  return refusal(401, "The user or the key is wrong", {
    "www-authenticate": `Swift realm="${shown}"`,
  });
}

function tooMany(status: number, reason: string, waitMs: number): AuthAnswer {
  return refusal(status, reason, { "retry-after": String(Math.ceil(waitMs / 1000)) });
}

function refusal(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>>,
): AuthAnswer {
  const type = { "content-type": "text/plain; charset=UTF-8", "cache-control": "no-store" };
  return { status, headers: { ...type, ...headers }, body: `${reason}\n` };
}
