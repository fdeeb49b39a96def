import { randomBytes } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ZvmError } from "../../base/index.ts";

/** The accounts of a server that was given no file of them. */
export interface FirstAccount {
  /** The accounts file, in the data folder. */
  readonly path: string;
  /** What was made now, to be shown once; undefined where an earlier start made it. */
  readonly made?: { readonly user: string; readonly key: string };
}

const FILE = "accounts.ini";
const USER = "zerovm:admin";
const KEY_BYTES = 24;

/**
 * Finds the accounts file of a data folder, or makes one with one account and a random key, which
 * only its owner may read. Whoever calls holds the lock of the store.
 * @throws ZvmError ZVM_FILE
 */
export async function firstAccount(folder: string): Promise<FirstAccount> {
  const path = join(folder, FILE);
  try {
    if (await isThere(path)) return { path };
    const key = randomBytes(KEY_BYTES).toString("base64url");
    await writeWhole(path, textOf(key));
    return { path, made: { user: USER, key } };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ZvmError("ZVM_FILE", `Cannot make the first account: ${reason}`, { cause });
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

function textOf(key: string): string {
  return [
    "# The first account of this store, made when it was first served: change or replace it.",
    "[tempauth]",
    `user_${USER.replace(":", "_")} = ${key} .admin .reseller_admin`,
    "",
  ].join("\n");
}

/** The file is there whole or not at all, whenever the host fails. */
async function writeWhole(path: string, text: string): Promise<void> {
  const made = `${path}.new`;
  await rm(made, { force: true });
  const file = await open(made, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(made, path);
}
