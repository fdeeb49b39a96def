import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { parseAccounts, readAccounts } from "./index.ts";
import { hashKey, isKey, parseKey } from "./key.ts";

const newFolder = temporaryFolders();
const CHEAP = { logN: 4, r: 1, p: 1 };

function messagesOf(text: string): string[] {
  return parseAccounts(text).findings.map(({ line, message }) => `${line}: ${message}`);
}

describe("the accounts file", () => {
  it("takes the users of a configuration of Swift's proxy", () => {
    const base64 = (text: string) => Buffer.from(text).toString("base64").replace(/=+$/, "");
    const { users, findings } = parseAccounts(
      [
        "[DEFAULT]",
        "user = swift",
        "[filter:tempauth]",
        "use = egg:swift#tempauth",
        "# a comment",
        "; another",
        "user_admin_admin = admin .admin .reseller_admin",
        "user_test_tester=testing .admin http://elsewhere:8080/v1/AUTH_test",
        "user_test_reader : key with-group another",
        `user64_${base64("a_b")}_${base64("ü")} = secret`,
        "[filter:cache]",
        "user_not_this = one",
      ].join("\r\n"),
    );
    expect(findings).toEqual([]);
    expect([...users].map(([name, { account, groups }]) => [name, account, groups])).toEqual([
      ["admin:admin", "admin", [".admin", ".reseller_admin"]],
      ["test:tester", "test", [".admin"]],
      ["test:reader", "test", ["with-group", "another"]],
      ["a_b:ü", "a_b", []],
    ]);
    expect(users.get("test:tester")?.storageUrl).toBe("http://elsewhere:8080/v1/AUTH_test");
  });

  it.each([
    ["", "1: The file has no users"],
    ["user_a_b = k", "1: A setting stands before any section"],
    ["[tempauth]\nuser_a = k", "2: The setting names no user"],
    ["[tempauth]\nuser_a_b_c = k", "2: The setting names no user"],
    ["[tempauth]\nuser64_!_! = k", "2: The setting names no user"],
    ["[tempauth]\nuser_a_.b = k", "2: The setting names no user"],
    ["[tempauth]\nuser_a_b =", "2: The user has no key"],
    ["[tempauth]\nuser_a_b", "2: The line is no setting"],
    ["[tempauth]\nuser_a_b = k\n  .admin", "3: A line begins with a blank"],
    ["[tempauth]\nuser_a_b = k\nuser_a_b = l", "3: The user a:b is there already"],
    [
      "[tempauth]\nuser_a_b = k .root",
      "2: There is no group .root; those with a dot are .admin and .reseller_admin",
    ],
    ["[tempauth]\nuser_a_b = k other:user", "2: other:user is no name of a group"],
    ["[tempauth]\nuser_a_b = k ftp://x/y", "2: The URL of the account is none of http or https"],
    [
      "[tempauth]\nuser_a_b = $scrypt$ln=99,r=8,p=1$x$y",
      "2: What begins with $scrypt$ is no hash that scrypt made",
    ],
    [`[tempauth]\nuser_a_b = ${"k".repeat(1025)}`, "2: The key is longer than 1,024 bytes"],
    [`[tempauth]\nuser_a_b = k${" g".repeat(33)}`, "2: The user has more than 32 groups"],
    [" ".repeat(2 ** 20 + 1), "1: The file is larger than 1 MiB"],
  ])("says where it is wrong: %#", (text, message) => {
    expect(messagesOf(text)).toEqual([message]);
    expect(parseAccounts(text).users.size).toBe(0);
  });

  it("warns of settings that nothing looks at, and takes the users", () => {
    const { users, findings } = parseAccounts("[tempauth]\ntoken_lief = 3\nuser_a_b = k");
    expect(findings.map(({ severity, line }) => [severity, line])).toEqual([["warning", 2]]);
    expect(users.size).toBe(1);
  });

  it("survives any text", () => {
    const word = fc.oneof(
      fc.constantFrom(
        "[tempauth]",
        "\n",
        "\r\n",
        " ",
        "=",
        ":",
        "user_",
        "user64_",
        "YQ",
        "_",
        "k",
      ),
      fc.constantFrom(".admin", "$scrypt$ln=4,r=1,p=1$", "http://h/", "#", ";", "\ufeff", "\0"),
      fc.string({ unit: "binary" }),
    );
    const texts = fc.array(word, { maxLength: 40 }).map((words) => words.join(""));
    const survives = (text: string): void => {
      const { users, findings } = parseAccounts(text);
      const hasErrors = findings.some(({ severity }) => severity === "error");
      expect(users.size > 0).toBe(!hasErrors);
      for (const { message } of findings) expect(message).not.toMatch(/\p{Cc}/u);
      for (const { name, account, groups } of users.values()) {
        expect(name).toMatch(/^[^:/\s,]+:[^:/\s,]+$/);
        expect(name.startsWith(`${account}:`)).toBe(true);
        for (const group of groups) expect(group).toMatch(/^(\.admin|\.reseller_admin|[^.:,/]+)/);
      }
    };
    fc.assert(fc.property(texts, survives), { numRuns: 2000 });
    fc.assert(fc.property(texts, (text) => survives(`[tempauth]\nuser_a_b = k\n${text}`)));
  });
});

describe("reading it", () => {
  it("names the file, the line and the remedy", async () => {
    const path = join(newFolder(), "accounts.ini");
    writeFileSync(path, "[tempauth]\nuser_a = k\n");
    await expect(readAccounts(path)).rejects.toMatchObject({
      code: "ZVM_AUTH",
      message: expect.stringContaining("accounts.ini:2:1: error: The setting names no user"),
    });
    await expect(readAccounts(`${path}.not`)).rejects.toMatchObject({ code: "ZVM_FILE" });
  });

  it("warns where others may read keys, not where they may read hashes", async () => {
    const path = join(newFolder(), "accounts.ini");
    const warningsOf = async (key: string, mode: number) => {
      writeFileSync(path, `[tempauth]\nuser_a_b = ${key}\n`);
      chmodSync(path, mode);
      return (await readAccounts(path)).warnings.length;
    };
    expect(await warningsOf("k", 0o644)).toBe(1);
    expect(await warningsOf("k", 0o600)).toBe(0);
    expect(await warningsOf(await hashKey("k", CHEAP), 0o644)).toBe(0);
  });
});

describe("a key", () => {
  it("is the one that its hash was made of", async () => {
    const stored = parseKey(await hashKey("clé", CHEAP));
    expect(stored?.kind).toBe("scrypt");
    if (stored === undefined) return;
    expect(await isKey("clé", stored)).toBe(true);
    expect(await isKey("cle", stored)).toBe(false);
  });

  it("has another hash each time, of the cost that it says", async () => {
    const [one, other] = [await hashKey("k"), await hashKey("k")];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  });

  it("takes no hash that would cost more than 256 MiB to compare with", () => {
    const rest = `$${"A".repeat(22)}$${"A".repeat(43)}`;
    expect(parseKey(`$scrypt$ln=18,r=8,p=1${rest}`)?.kind).toBe("scrypt");
    expect(parseKey(`$scrypt$ln=19,r=8,p=1${rest}`)).toBeUndefined();
    expect(parseKey(`$scrypt$ln=00,r=8,p=1${rest}`)).toBeUndefined();
  });
});
