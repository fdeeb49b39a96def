import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** A key as the accounts file has it: in plain words, or only what scrypt makes of it. */
export type StoredKey =
  | { readonly kind: "plain"; readonly digest: Buffer }
  | {
      readonly kind: "scrypt";
      readonly cost: ScryptCost;
      readonly salt: Buffer;
      readonly hash: Buffer;
    };

/** Names of the parameters as in RFC 7914; N is 2 to the power of `logN`. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** Longer ones are no keys: nobody makes us hash megabytes. */
export const KEY_BYTES_MAX = 1024;

const STANDARD_COST: ScryptCost = { logN: 15, r: 8, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MEMORY_BYTES_MAX = 2 ** 28;
const FORM =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43,86})$/;

export const HASH_PREFIX = "$scrypt$";

/** @returns undefined for a malformed hash, or one that takes more than 256 MiB to compare with */
export function parseKey(text: string): StoredKey | undefined {
  if (!text.startsWith(HASH_PREFIX)) return { kind: "plain", digest: digestOf(text) };
  const [, logN, r, p, salt, hash] = FORM.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  const isSound = cost.logN >= 1 && cost.r >= 1 && cost.p >= 1 && cost.p <= 16;
  if (!isSound || memoryBytes(cost) > MEMORY_BYTES_MAX) return undefined;
  return {
    kind: "scrypt",
    cost,
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}

/** The hash of a key for the accounts file: `$scrypt$ln=15,r=8,p=1$SALT$HASH`. */
export async function hashKey(key: string, cost: ScryptCost = STANDARD_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await scryptOf(key, salt, HASH_BYTES, cost);
  const words = [`ln=${cost.logN},r=${cost.r},p=${cost.p}`, unpadded(salt), unpadded(hash)];
  return HASH_PREFIX + words.join("$");
}

/** Whether it is the key, in a time that does not tell how much of it is right. */
export async function isKey(given: string, stored: StoredKey): Promise<boolean> {
  if (stored.kind === "plain") return timingSafeEqual(digestOf(given), stored.digest);
  const { salt, hash, cost } = stored;
  return timingSafeEqual(await scryptOf(given, salt, hash.length, cost), hash);
}

/** A key that nobody has and that costs as much to compare with: for users that are not there. */
export function unknownKeyLike(stored: StoredKey | undefined): StoredKey {
  if (stored?.kind !== "scrypt") return { kind: "plain", digest: randomBytes(HASH_BYTES) };
  return { ...stored, hash: randomBytes(stored.hash.length) };
}

/** Whether two files give a user the same key. */
export function isSameKey(one: StoredKey, other: StoredKey): boolean {
  return secretOf(one).equals(secretOf(other));
}

function secretOf(key: StoredKey): Buffer {
  return key.kind === "plain" ? key.digest : Buffer.concat([key.salt, key.hash]);
}

/** Digests have one length, whatever the keys have. */
function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function memoryBytes({ logN, r }: ScryptCost): number {
  return 128 * r * 2 ** logN;
}

function scryptOf(key: string, salt: Buffer, bytes: number, cost: ScryptCost): Promise<Buffer> {
  // Node wants a little more than the algorithm needs.
  const maxmem = 2 * memoryBytes(cost) + 2 ** 20;
  const options = { N: 2 ** cost.logN, r: cost.r, p: cost.p, maxmem };
  return new Promise((done, failed) => {
    scrypt(key, salt, bytes, options, (error, hash) => {
      if (error === null) done(hash);
      else failed(error);
    });
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
