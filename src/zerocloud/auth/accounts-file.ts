import { type Diagnostic, printable } from "../../base/index.ts";
import { HASH_PREFIX, KEY_BYTES_MAX, parseKey, type StoredKey } from "./key.ts";

/** A user of the accounts file. */
export interface AuthUser {
  /** `ACCOUNT:USER`. */
  readonly name: string;
  readonly account: string;
  readonly key: StoredKey;
  /** Groups with a leading dot give rights, all others are names for lists of access. */
  readonly groups: readonly string[];
  /** Where the account is, if not on the server that was asked; `$HOST` stands for that one. */
  readonly storageUrl?: string;
}

export interface AccountsFile {
  /** By `ACCOUNT:USER`; empty where the file has errors. */
  readonly users: ReadonlyMap<string, AuthUser>;
  readonly findings: readonly Diagnostic[];
}

export const ADMIN = ".admin";
export const RESELLER_ADMIN = ".reseller_admin";
const RIGHTS: readonly string[] = [ADMIN, RESELLER_ADMIN];

const USERS_MAX = 10_000;
const GROUPS_MAX = 32;
const FINDINGS_MAX = 100;
export const ACCOUNTS_BYTES_MAX = 2 ** 20;
/** A prefix has to fit before it: names of accounts in the store have 256 bytes. */
const NAME_BYTES_MAX = 200;

/**
 * Parses the users of a file as Swift's tempauth has them: lines `user_ACCOUNT_USER = KEY [GROUP …]
 * [URL]`, or `user64_…` with both names in base64, in a section `[tempauth]` or
 * `[filter:tempauth]`. Other sections, and other settings, are left to Swift.
 */
export function parseAccounts(text: string): AccountsFile {
  const users = new Map<string, AuthUser>();
  const findings: Diagnostic[] = [];
  if (Buffer.byteLength(text) > ACCOUNTS_BYTES_MAX) {
    return { users, findings: [errorAt(1, "The file is larger than 1 MiB")] };
  }
  let section: string | undefined;
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  for (const [at, line] of lines.entries()) {
    if (findings.length >= FINDINGS_MAX) break;
    const content = line.trim();
    if (content === "" || /^[#;]/.test(content)) continue;
    const [, header] = /^\[(.*)\]$/.exec(content) ?? [];
    if (header !== undefined) section = header.trim();
    else if (section === undefined) {
      findings.push({ ...errorAt(at + 1, "A setting stands before any section"), hint: SECTION });
    } else if (SECTIONS.includes(section)) findings.push(...readSetting(line, at + 1, users));
  }
  const isRead = findings.every(({ severity }) => severity === "warning");
  if (users.size === 0 && isRead) {
    findings.push({ ...errorAt(1, "The file has no users"), hint: SECTION });
  }
  const isSound = findings.every(({ severity }) => severity === "warning");
  return { users: isSound ? users : new Map(), findings };
}

const SECTIONS: readonly string[] = ["tempauth", "filter:tempauth"];
const SECTION = "Write a line [tempauth], and below it lines user_ACCOUNT_USER = KEY .admin";
/** Settings of Swift's own that stand in such a section; the server's configuration has ours. */
const OTHERS =
  /^(use|set .*|reseller_prefix|auth_prefix|token_life|allow_overrides|storage_url_.*)$/;

/** Reads a line into `users`. */
function readSetting(line: string, number: number, users: Map<string, AuthUser>): Diagnostic[] {
  if (/^\s/.test(line)) return [errorAt(number, "A line begins with a blank")];
  const [, key, value] = /^([^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
  if (key === undefined || value === undefined) {
    return [{ ...errorAt(number, "The line is no setting"), expected: "NAME = VALUE" }];
  }
  if (!/^user(64)?_/.test(key)) {
    if (OTHERS.test(key)) return [];
    const message = `Nothing looks at the setting ${printable(key).slice(0, 60)}`;
    return [{ severity: "warning", line: number, column: 1, message }];
  }
  const names = namesOf(key);
  if (names === undefined) {
    const expected = "user_ACCOUNT_USER, or user64_ACCOUNT_USER in base64 for names with a _";
    return [{ ...errorAt(number, "The setting names no user"), expected }];
  }
  const user = userOf(names, value.split(/\s+/));
  if (typeof user === "string") return [errorAt(number, user)];
  if (users.has(user.name)) {
    return [errorAt(number, `The user ${printable(user.name)} is there already`)];
  }
  if (users.size >= USERS_MAX) return [errorAt(number, `There are more than ${USERS_MAX} users`)];
  users.set(user.name, user);
  return [];
}

interface Names {
  readonly account: string;
  readonly user: string;
}

function namesOf(key: string): Names | undefined {
  const [kind, account, user, ...more] = key.split("_");
  if (account === undefined || user === undefined || more.length > 0) return undefined;
  const names =
    kind === "user" ? { account, user } : { account: plainOf(account), user: plainOf(user) };
  return isName(names.account) && isName(names.user) ? names : undefined;
}

function plainOf(base64: string): string {
  return Buffer.from(base64, "base64").toString();
}

/** What lists of access, paths and headers give a meaning is in no name. */
function isName(name: string): boolean {
  if (name === "" || Buffer.byteLength(name) > NAME_BYTES_MAX) return false;
  return !/^\.|[\s:/,*]|[\p{Cc}\p{Surrogate}\ufffd]/u.test(name);
}

/** @returns what is wrong, where something is */
function userOf({ account, user }: Names, words: readonly string[]): AuthUser | string {
  const [text = "", ...rest] = words;
  if (text === "") return "The user has no key";
  if (Buffer.byteLength(text) > KEY_BYTES_MAX) return "The key is longer than 1,024 bytes";
  const key = parseKey(text);
  if (key === undefined) return `What begins with ${HASH_PREFIX} is no hash that scrypt made`;
  const last = rest.at(-1);
  const storageUrl = last?.includes("://") === true ? last : undefined;
  const groups = storageUrl === undefined ? rest : rest.slice(0, -1);
  if (groups.length > GROUPS_MAX) return `The user has more than ${GROUPS_MAX} groups`;
  for (const group of groups) {
    const shown = printable(group).slice(0, 60);
    if (group.startsWith(".") && !RIGHTS.includes(group)) {
      return `There is no group ${shown}; those with a dot are ${RIGHTS.join(" and ")}`;
    }
    if (!RIGHTS.includes(group) && !isName(group)) return `${shown} is no name of a group`;
  }
  if (storageUrl !== undefined && !/^https?:\/\/[\x21-\x7e]{1,500}$/.test(storageUrl)) {
    return "The URL of the account is none of http or https";
  }
  const name = `${account}:${user}`;
  return { name, account, key, groups, ...(storageUrl !== undefined && { storageUrl }) };
}

function errorAt(line: number, message: string): Diagnostic {
  return { severity: "error", line, column: 1, message };
}
