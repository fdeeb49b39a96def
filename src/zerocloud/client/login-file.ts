import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isObject, printable, ZvmError } from "../../base/index.ts";
import type { Access, Environment } from "./credentials.ts";
import { jsonOf } from "./entries.ts";

/** What `zerovm login` keeps: a token, and never the key that it was made for. */
export interface Login extends Access {
  readonly authUrl: string;
  readonly user: string;
}

/** Where it is kept: `zerovm/login.json` in the folder for configuration. */
export function loginPath(environment: Environment): string {
  const given = environment["XDG_CONFIG_HOME"];
  const folder = given?.startsWith("/") ? given : join(environment["HOME"] || homedir(), ".config");
  return join(folder, "zerovm", "login.json");
}

/** Keeps a login for its owner alone. @throws ZvmError ZVM_FILE */
export function writeLogin(path: string, login: Login): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(temporary, { force: true });
    writeFileSync(temporary, `${JSON.stringify(login, undefined, 2)}\n`, {
      mode: 0o600,
      flag: "wx",
    });
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    const message = `Cannot keep the login in ${printable(path)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}

/**
 * The login that is kept, if one is.
 * @throws ZvmError ZVM_CLIENT_CREDENTIALS where others could have read it, or it is none
 */
export function readLogin(path: string): Login | undefined {
  const state = statSync(path, { throwIfNoEntry: false });
  if (state === undefined) return undefined;
  const problem = (what: string): ZvmError => {
    const message = `${printable(path)} ${what}; sign in again with zerovm login`;
    return new ZvmError("ZVM_CLIENT_CREDENTIALS", message);
  };
  if ((state.mode & 0o077) !== 0) throw problem("can be read by other users");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw problem(`cannot be read: ${reasonOf(cause)}`);
  }
  const value = jsonOf(text);
  const { storageUrl, token, authUrl, user } = isObject(value) ? value : {};
  const isText = [storageUrl, token, authUrl, user].every((one) => typeof one === "string");
  if (!isText || token === "") throw problem("holds no login");
  return { storageUrl: `${storageUrl}`, token: `${token}`, authUrl: `${authUrl}`, user: `${user}` };
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return printable(text.replace(/^[A-Z0-9]+: /, "").replace(/, \w+ '.*$/s, ""));
}
