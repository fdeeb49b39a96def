import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { mayAccess, ownsAccount } from "../access/index.ts";
import { parseTokenPath } from "./exchange.ts";
import { clientOf, FailureLimit } from "./failure-limit.ts";
import { firstAccount, hashKey, parseAccounts, readAccounts, TempAuth } from "./index.ts";
import { Queue } from "./queue.ts";
import { TOKENS_PER_USER, Tokens } from "./tokens.ts";

const newFolder = temporaryFolders();

const FILE = `[tempauth]
user_test_tester = testing .admin
user_test_reader = reading writers
user_boss_boss = bossing .reseller_admin
user_far_user = k .admin $HOST/v2/far http://far:1/v1/AUTH_far
`.replace(" $HOST/v2/far", "");

class Signing {
  nowMs = 1e6;
  readonly auth = new TempAuth(parseAccounts(FILE).users, {
    tokenSeconds: 60,
    nowMs: () => this.nowMs,
  });

  async ask(user: string, key: string, more: Record<string, string> = {}, path = "/auth/v1.0") {
    const { address = "192.0.2.1", method = "GET", ...headers } = more;
    const sent = { "x-auth-user": user, "x-auth-key": key, host: "h:1", ...headers };
    const answer = await this.auth.answer({ method, path, headers: sent, address });
    if (answer === undefined) throw new Error("It is no path for a token");
    return answer;
  }

  async token(user: string, key: string): Promise<string> {
    return (await this.ask(user, key)).headers["x-auth-token"] ?? "";
  }

  who(token: string) {
    return this.auth.identify({ "x-auth-token": token });
  }
}

describe("asking for a token", () => {
  it("gives one, the URL of the account and the seconds that it is good", async () => {
    const { status, headers, body } = await new Signing().ask("test:tester", "testing");
    expect([status, body]).toEqual([200, ""]);
    expect(headers).toEqual({
      "x-storage-url": "http://h:1/v1/AUTH_test",
      "x-auth-token": expect.stringMatching(/^AUTH_tk[0-9a-f]{32}$/),
      "x-storage-token": headers["x-auth-token"],
      "x-auth-token-expires": "60",
      "cache-control": "no-store",
    });
  });

  it.each(["/auth/v1.0", "/auth/v1", "/auth", "/auth/", "/v1/test/auth", "/auth/v1/test/auth"])(
    "answers at %s, for either pair of headers",
    async (path) => {
      const signing = new Signing();
      expect((await signing.ask("test:tester", "testing", {}, path)).status).toBe(200);
      const headers = { "x-storage-user": "test:tester", "x-storage-pass": "testing" };
      const answer = await signing.auth.answer({ method: "GET", path, headers, address: "" });
      expect(answer?.status).toBe(200);
    },
  );

  it("takes a user without its account where the path names that, and no other account", async () => {
    const signing = new Signing();
    const statusAt = async (user: string, path: string) =>
      (await signing.ask(user, "testing", {}, path)).status;
    expect(await statusAt("tester", "/v1/test/auth")).toBe(200);
    expect(await statusAt("test:tester", "/v1/other/auth")).toBe(401);
    expect(await statusAt("tester", "/auth/v1.0")).toBe(401);
  });

  it("leaves paths of containers and of others alone", () => {
    for (const path of ["/v1/AUTH_test/auth", "/v1/test", "/auth/v2", "/authors", "/v1/%/auth"]) {
      expect(parseTokenPath(path, "AUTH_")).toBeUndefined();
    }
  });

  it("refuses wrong keys and unknown users alike", async () => {
    const signing = new Signing();
    const answers = [
      await signing.ask("test:tester", "wrong"),
      await signing.ask("test:nobody", "testing"),
      await signing.ask("test:tester", ""),
      await signing.ask("test:tester", "testing".repeat(200)),
    ];
    for (const { status, headers } of answers) {
      expect(status).toBe(401);
      expect(headers["www-authenticate"]).toMatch(/^Swift realm="(test|unknown)"$/);
      expect(headers).not.toHaveProperty("x-auth-token");
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  it("is a GET", async () => {
    const { status, headers } = await new Signing().ask("a:b", "k", { method: "POST" });
    expect([status, headers["allow"]]).toEqual([405, "GET"]);
  });

  it("puts no text of a request into headers but what a host may be", async () => {
    const signing = new Signing();
    const evil = { host: 'h"\r\nx: y/' };
    const { headers } = await signing.ask("test:tester", "testing", evil);
    expect(headers["x-storage-url"]).toBe("/v1/AUTH_test");
    const refused = await signing.ask('a"\r\n:b', "k");
    expect(refused.headers["www-authenticate"]).toBe('Swift realm="a%22%0D%0A"');
  });

  it("names the public URL, or the one that the file has", async () => {
    const { users } = parseAccounts(FILE);
    const auth = new TempAuth(users, { tokenSeconds: 60, publicUrl: "https://cloud.example" });
    const urlOf = async (user: string, key: string) => {
      const headers = { "x-auth-user": user, "x-auth-key": key, host: "evil" };
      const request = { method: "GET", path: "/auth", headers, address: "" };
      return (await auth.answer(request))?.headers["x-storage-url"];
    };
    expect(await urlOf("test:tester", "testing")).toBe("https://cloud.example/v1/AUTH_test");
    expect(await urlOf("far:user", "k")).toBe("http://far:1/v1/AUTH_far");
  });

  it("takes names and keys in UTF-8, as Node hands them on", async () => {
    const text = "[tempauth]\nuser_t_ü = clé .admin";
    const auth = new TempAuth(parseAccounts(text).users, { tokenSeconds: 60 });
    const latin = (word: string) => Buffer.from(word).toString("latin1");
    const headers = { "x-auth-user": latin("t:ü"), "x-auth-key": latin("clé") };
    const request = { method: "GET", path: "/auth", headers, address: "" };
    expect((await auth.answer(request))?.status).toBe(200);
  });

  it("compares with hashes of scrypt", async () => {
    const hash = await hashKey("k", { logN: 4, r: 1, p: 1 });
    const auth = new TempAuth(parseAccounts(`[tempauth]\nuser_a_b = ${hash}`).users, {
      tokenSeconds: 60,
    });
    const statusOf = async (user: string, key: string) => {
      const headers = { "x-auth-user": user, "x-auth-key": key };
      return (await auth.answer({ method: "GET", path: "/auth", headers, address: "" }))?.status;
    };
    expect(await statusOf("a:b", "k")).toBe(200);
    expect(await statusOf("a:b", hash)).toBe(401);
    expect(await statusOf("a:c", "k")).toBe(401);
  });
});

describe("an account whose users sign in all at once", () => {
  it("leaves room for those of others", async () => {
    const hash = await hashKey("k", { logN: 4, r: 1, p: 1 });
    const users = Array.from({ length: 20 }, (_, at) => `user_a_u${at} = ${hash}`);
    const text = ["[tempauth]", ...users, `user_b_me = ${hash}`].join("\n");
    const auth = new TempAuth(parseAccounts(text).users, { tokenSeconds: 60 });
    const signIn = async (user: string) => {
      const headers = { "x-auth-user": user, "x-auth-key": "k" };
      return (await auth.answer({ method: "GET", path: "/auth", headers, address: "" }))?.status;
    };
    const flood = Array.from({ length: 20 }, (_, at) => signIn(`a:u${at}`));
    const other = signIn("b:me");
    const statuses = await Promise.all(flood);
    expect(statuses.filter((status) => status === 200)).toHaveLength(16);
    expect(statuses.filter((status) => status === 503)).toHaveLength(4);
    expect(await other).toBe(200);
    expect(await signIn("a:u19")).toBe(200);
  });
});

describe("who a request is from", () => {
  it("is nobody without a token, with the page that led there", () => {
    const headers = { referer: "http://a.example/" };
    const referrer = "http://a.example/";
    expect(new Signing().auth.identify(headers)).toEqual({ names: [], referrer });
  });

  it("is told by either header of a token, and by no other text", async () => {
    const signing = new Signing();
    const token = await signing.token("test:tester", "testing");
    const identity = { names: ["test", "test:tester", "AUTH_test"], owns: "AUTH_test" };
    expect(signing.who(token)).toEqual({ ...identity, referrer: undefined });
    expect(signing.auth.identify({ "x-storage-token": token })).toMatchObject(identity);
    for (const other of [`${token}0`, token.toUpperCase(), "AUTH_tk", "__proto__"]) {
      expect(signing.who(other)).toBeUndefined();
    }
  });

  it("has rights by groups: administrators own an account, resellers all of them", async () => {
    const signing = new Signing();
    const reader = signing.who(await signing.token("test:reader", "reading"));
    const boss = signing.who(await signing.token("boss:boss", "bossing"));
    expect(reader?.names).toEqual(["test", "test:reader", "writers"]);
    if (reader === undefined || boss === undefined) throw new Error("There is no token");
    expect(ownsAccount(reader, "AUTH_test")).toBe(false);
    expect(ownsAccount(boss, "AUTH_test")).toBe(true);
    const container = { account: "AUTH_test", metadata: { "x-container-write": "writers" } };
    expect(mayAccess(reader, "write", container)).toBe(true);
    expect(mayAccess(reader, "read", container)).toBe(false);
    expect(mayAccess(boss, "read", container)).toBe(true);
  });

  it("ends with the token", async () => {
    const signing = new Signing();
    const token = await signing.token("test:tester", "testing");
    signing.nowMs += 59_999;
    expect(signing.who(token)).toBeDefined();
    signing.nowMs += 1;
    expect(signing.who(token)).toBeUndefined();
  });

  it("ends for users that a new file has otherwise, and for no others", async () => {
    const signing = new Signing();
    const names = ["test:tester", "test:reader", "boss:boss"];
    const keys = ["testing", "reading", "bossing"];
    const tokens = await Promise.all(names.map((name, at) => signing.token(name, keys[at] ?? "")));
    const changed = FILE.replace("testing .admin", "testing").replace("bossing", "other");
    signing.auth.replaceUsers(parseAccounts(changed).users);
    const known = tokens.map((token) => signing.who(token) !== undefined);
    expect(known).toEqual([false, true, false]);
    expect((await signing.ask("boss:boss", "bossing")).status).toBe(401);
    expect((await signing.ask("boss:boss", "other")).status).toBe(200);
  });
});

describe("guessing keys", () => {
  it("is slowed down for one user and client, and locks nobody else out", async () => {
    const signing = new Signing();
    const statuses: number[] = [];
    for (let at = 0; at < 12; at += 1)
      statuses.push((await signing.ask("test:tester", "x")).status);
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    // Not even the right key is told from a wrong one any more.
    const limited = await signing.ask("test:tester", "testing");
    expect([limited.status, limited.headers["retry-after"]]).toEqual([429, "6"]);
    expect((await signing.ask("test:reader", "reading")).status).toBe(200);
    const elsewhere = await signing.ask("test:tester", "testing", { address: "192.0.2.2" });
    expect(elsewhere.status).toBe(200);
    signing.nowMs += 6000;
    expect((await signing.ask("test:tester", "testing")).status).toBe(200);
  });

  it("is counted where all guesses come at once", async () => {
    const signing = new Signing();
    const asked = Array.from({ length: 50 }, () => signing.ask("test:tester", "x"));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401).length).toBe(10);
  });

  it("costs those nothing who know the key", async () => {
    const signing = new Signing();
    for (let at = 0; at < 30; at += 1) {
      expect((await signing.ask("test:tester", "testing")).status).toBe(200);
    }
  });

  it("is told of an IPv6 client by its network", () => {
    const clients = ["2001:db8::1", "2001:DB8:0:0:ffff::2", "2001:db8:0:1::1", "::1"];
    expect(clients.map(clientOf)).toEqual([
      "2001:db8:0:0::/64",
      "2001:db8:0:0::/64",
      "2001:db8:0:1::/64",
      "0:0:0:0::/64",
    ]);
    expect(clientOf("::ffff:192.0.2.1")).toBe("192.0.2.1");
  });

  it("takes no more memory than so many names", () => {
    const limit = new FailureLimit({ burst: 1, refillMs: 1000, namesMax: 2 });
    expect(["a", "b", "b", "c", "b", "a"].map((name) => limit.take(name, 0))).toEqual([
      0, 0, 1000, 0, 1000, 0,
    ]);
  });
});

describe("tokens", () => {
  it("are bounded for each user: the oldest goes", () => {
    const tokens = new Tokens();
    const other = tokens.give("other", 10, 0);
    const first = tokens.give("user", 10, 0);
    const second = tokens.give("user", 10, 0);
    for (let more = 1; more < TOKENS_PER_USER; more += 1) tokens.give("user", 10, 0);
    expect([first, second, other].map((token) => tokens.userOf(token, 0))).toEqual([
      undefined,
      "user",
      "other",
    ]);
    expect(tokens.count).toBe(TOKENS_PER_USER + 1);
    tokens.give("user", 30, 20);
    expect(tokens.count).toBe(2);
  });
});

describe("a queue", () => {
  it("runs so many at once, lets so many wait, and goes on after a failure", async () => {
    const queue = new Queue(1, 1);
    const order: string[] = [];
    let fail: (cause: Error) => void = () => undefined;
    const first = queue.run(() => new Promise<void>((_, failed) => (fail = failed)));
    const second = queue.run(async () => void order.push("second"));
    expect(queue.run(async () => undefined)).toBeUndefined();
    fail(new Error("no"));
    await expect(first).rejects.toThrow("no");
    await second;
    expect(order).toEqual(["second"]);
    expect(await queue.run(async () => "third")).toBe("third");
  });
});

describe("the first account", () => {
  it("is made once, for its owner's eyes, with a key of its own", async () => {
    const folder = newFolder();
    const { path, made } = await firstAccount(folder);
    expect(path).toBe(join(folder, "accounts.ini"));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await firstAccount(folder)).toEqual({ path });
    const { users, warnings } = await readAccounts(path);
    expect(warnings).toEqual([]);
    const auth = new TempAuth(users, { tokenSeconds: 60 });
    const headers = { "x-auth-user": made?.user ?? "", "x-auth-key": made?.key ?? "" };
    const answer = await auth.answer({ method: "GET", path: "/auth", headers, address: "" });
    expect(answer?.headers["x-storage-url"]).toBe("/v1/AUTH_zerovm");
    const token = answer?.headers["x-auth-token"] ?? "";
    expect(auth.identify({ "x-auth-token": token })).toMatchObject({ owns: "AUTH_zerovm" });
    expect((await firstAccount(newFolder())).made?.key).not.toBe(made?.key);
  });

  it("leaves a file alone that is there", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "accounts.ini"), "mine");
    expect((await firstAccount(folder)).made).toBeUndefined();
    expect(readFileSync(join(folder, "accounts.ini"), "utf8")).toBe("mine");
    await expect(firstAccount(join(folder, "accounts.ini"))).rejects.toMatchObject({
      code: "ZVM_FILE",
    });
  });
});
