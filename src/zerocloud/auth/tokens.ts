import { createHash, randomBytes } from "node:crypto";

interface Token {
  readonly user: string;
  readonly expiresMs: number;
}

/** A user signs in as often as they like: the oldest token goes for the newest. */
export const TOKENS_PER_USER = 64;
const TOKEN_BYTES = 16;
const TOKEN_FORM = /^AUTH_tk[0-9a-f]{32}$/;

/**
 * The tokens that were given out. Only their digests are kept: what reads our memory or a dump of
 * it has none of them.
 */
export class Tokens {
  /** By the digest of the token; for each user in the order in which they were made. */
  readonly #tokens = new Map<string, Token>();
  readonly #ofUser = new Map<string, string[]>();

  /** Tokens that are kept, expired ones of users who were not seen since included. */
  get count(): number {
    return this.#tokens.size;
  }

  /** A new token of a user, good until `expiresMs`. */
  give(user: string, expiresMs: number, nowMs: number): string {
    const token = `AUTH_tk${randomBytes(TOKEN_BYTES).toString("hex")}`;
    const digest = digestOf(token);
    const digests = (this.#ofUser.get(user) ?? []).filter((one) => this.#isGood(one, nowMs));
    digests.push(digest);
    while (digests.length > TOKENS_PER_USER) this.#tokens.delete(digests.shift() ?? "");
    this.#ofUser.set(user, digests);
    this.#tokens.set(digest, { user, expiresMs });
    return token;
  }

  /** Whose it is, while it is good. */
  userOf(token: string, nowMs: number): string | undefined {
    if (!TOKEN_FORM.test(token)) return undefined;
    const digest = digestOf(token);
    return this.#isGood(digest, nowMs) ? this.#tokens.get(digest)?.user : undefined;
  }

  /** Takes all tokens of a user back. */
  revoke(user: string): void {
    for (const digest of this.#ofUser.get(user) ?? []) this.#tokens.delete(digest);
    this.#ofUser.delete(user);
  }

  #isGood(digest: string, nowMs: number): boolean {
    const token = this.#tokens.get(digest);
    if (token === undefined) return false;
    if (token.expiresMs > nowMs) return true;
    this.#tokens.delete(digest);
    return false;
  }
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
