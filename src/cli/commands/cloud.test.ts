import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { CommandsInCloud, printed } from "../../../test/support/commands-in-cloud.ts";
import { READER } from "../../../test/support/served-cloud.ts";
import { makeTree, readTree } from "../../../test/support/temporary-folder.ts";

const here = new CommandsInCloud();

/** Stores a file, which stays, as an object. */
async function store(text: string, address: string): Promise<void> {
  writeFileSync("stored", text);
  await printed("put", "stored", address);
}

describe("zerovm login", () => {
  test("a file that others could read is not used", async () => {
    here.signOut();
    makeTree(here.home, { "config/zerovm/login.json": "{}" });
    const { status, stderr } = await captured(["ls"]);
    expect(status).toBe(125);
    expect(stderr).toContain("login.json can be read by other users; sign in again");
  });

  test("says what is missing, and what is wrong", async () => {
    for (const command of ["ls", "login"]) {
      const { status, stderr } = await captured([command, "-K", "wrong"]);
      expect(status).toBe(125);
      expect(stderr).toMatch(/with 401: The user or the key is wrong \(transaction tx\S+\)\n$/);
    }
    here.signOut();
    expect((await captured(["ls"])).stderr).toContain("Nobody is signed in: run zerovm login");
    expect((await captured(["login"])).stderr).toContain("give --auth, or set ST_AUTH");
    const bare = await captured([
      "login",
      "-A",
      here.cloud.url,
      "-U",
      "test:tester",
      "-K",
      "testing",
    ]);
    expect(bare.stderr).toContain(`; one signs in at ${here.cloud.url}/auth/v1.0`);
    process.env["ST_USER"] = "u";
    expect((await captured(["ls"])).stderr).toContain("has no ST_AUTH and no ST_KEY");
  });
});

describe("zerovm ls, put, get, cat and rm", () => {
  test("one file gets its own name, or another, and a type", async () => {
    makeTree(".", { "d/one.txt": "1" });
    await printed("put", "d/one.txt", "c");
    await printed("put", "d/one.txt", "c/x/two", "--type", "text/y");
    expect(await printed("ls", "-l", "c")).toMatch(/ one\.txt .*\n.* x\/two {2}text\/y\n$/);
    const put: unknown = JSON.parse(await printed("put", "--json", "d/one.txt", "c/x/"));
    const etag = "c4ca4238a0b923820dcc509a6f75849b";
    const stored = { container: "c", object: "x/one.txt", sizeBytes: 1, etag, segments: 0 };
    expect(put).toEqual([stored]);
  });

  test("what is there of another state of the object is not gone on with", async () => {
    await store("0123456789", "c/o");
    writeFileSync("o.part", "xxxxx");
    await printed("get", "c/o");
    expect(readFileSync("o", "utf8")).toBe("0123456789");
    writeFileSync("o.part", "01234");
    utimesSync("o.part", 1, 1);
    await printed("get", "c/o");
    expect(here.front.arrived.at(-1)?.headers["range"]).toBeUndefined();
  });

  test("a connection that breaks is no reason to begin again", async () => {
    const text = "0123456789".repeat(100_000);
    await store(text, "c/o");
    let broken = 0;
    here.front.intercept = ({ method, url }) => {
      if (method !== "GET" || !url.endsWith("/o") || broken === 2) return false;
      broken += 1;
      return { afterBytes: 300_000, ending: "breaks" };
    };
    expect(await printed("get", "c/o")).toBe("o: 1000000 bytes\n");
    expect(readFileSync("o", "utf8")).toBe(text);
    const ranges = here.front.arrived.flatMap(({ headers }) => headers["range"] ?? []);
    expect(ranges).toHaveLength(2);
    for (const range of ranges) expect(range).toMatch(/^bytes=[1-9]\d{5}-999999$/);
  });

  test("names that lead elsewhere are no files", async () => {
    await store("x", "c/../out");
    await store("y", "c/ok");
    expect(await printed("ls")).toBe("c\n");
    mkdirSync("in");
    const { status, stdout, stderr } = await captured(["get", "-r", "-o", "in", "c"]);
    expect([status, stdout]).toEqual([1, "in/ok: 1 bytes\n"]);
    expect(stderr).toBe("zerovm: c/../out is left out: no file could have its name\n");
    expect(Object.keys(readTree("."))).toEqual(["in/", "in/ok", "stored"]);
    expect(await printed("cat", "c/../out")).toBe("x");
    await printed("rm", "c/../out");
  });

  test("an object below one that is a file is left out, and named", async () => {
    await store("x", "c/a");
    await store("y", "c/a-b");
    await store("z", "c/a/b/c");
    const { status, stdout, stderr } = await captured(["get", "-r", "-o", "in", "c"]);
    expect([status, stdout]).toEqual([1, "in/a: 1 bytes\nin/a-b: 1 bytes\n"]);
    expect(stderr).toBe("zerovm: c/a/b/c is left out: a is a file, and no folder\n");
  });

  test.each(["HEAD", "GET"])("an object that is gone at its %s is left out", async (gone) => {
    for (const name of ["a", "b/x", "c"]) await store(name, `c/${name}`);
    here.front.intercept = ({ method, url }, response) => {
      if (method !== gone || !url.endsWith("/c/b/x")) return false;
      response.writeHead(404).end();
      return true;
    };
    const { status, stdout, stderr } = await captured(["get", "-r", "-o", "in", "c"]);
    expect([status, stdout]).toEqual([1, "in/a: 1 bytes\nin/c: 1 bytes\n"]);
    expect(stderr).toBe("zerovm: c/b/x is left out: it is gone\n");
    expect(Object.keys(readTree("in")).filter((path) => !path.endsWith("/"))).toEqual(["a", "c"]);
    expect((await captured(["get", "c/b/x"])).status).toBe(125);
  });

  test("rm -r of a prefix that no object has says so, and goes on", async () => {
    for (const name of ["a", "b/x"]) await store(name, `c/${name}`);
    const { status, stdout, stderr } = await captured(["rm", "-r", "c/a", "c/b"]);
    expect([status, stdout]).toEqual([1, "removed c/b/x\n"]);
    expect(stderr).toBe("zerovm: no object of c begins with a/\n");
    expect(await printed("rm", "-r", "c")).toBe("removed c/a\nremoved c\n");
    await printed("put", "stored", "c");
    await printed("rm", "c/stored");
    expect(await printed("rm", "-r", "c")).toBe("removed c\n");
  });

  test.each([
    ["HEAD", ["a", "c"]],
    ["DELETE", ["a", "b/x", "c"]],
  ])("rm -r takes what is gone at its %s for removed, also the container", async (gone, names) => {
    for (const name of ["a", "b/x", "c"]) await store(name, `c/${name}`);
    here.front.intercept = ({ method, url }, response) => {
      const isObject = method === gone && url.endsWith("/c/b/x");
      if (!isObject && !(method === "DELETE" && /AUTH_\w+\/c$/.test(url))) return false;
      response.writeHead(404).end();
      return true;
    };
    const lines = names.map((name) => `removed c/${name}\n`).join("");
    expect(await printed("rm", "-r", "c")).toBe(lines);
    expect((await captured(["rm", "c"])).status).toBe(125);
  });

  test("segments of what is replaced go, and those that cannot are named", async () => {
    writeFileSync("o", "0123456789");
    await printed("put", "--segment", "5", "o", "c");
    await printed("put", "--segment", "2", "o", "c");
    expect(await printed("ls", "-l", "c_segments")).not.toContain("/10/5/");
    here.front.intercept = ({ method }, response) => {
      if (method !== "DELETE") return false;
      response.writeHead(403).end("never");
      return true;
    };
    const { status, stdout, stderr } = await captured(["put", "o", "c"]);
    expect([status, stdout]).toEqual([0, "c/o: 10 bytes\n"]);
    expect(stderr).toMatch(
      /^zerovm: c\/o is stored, but segments of what it replaced are left, c_segments\/o\/slo\/[\d.]+\/10\/2\/00000000 and 4 more: DELETE .* with 403: never\n$/,
    );
  });

  test("a text gets its type by its name, where it is UTF-8", async () => {
    makeTree(".", { "a.log": "w\u00f6rds\n", "b.TXT": "", "c.bin": "x" });
    writeFileSync("d.log", Buffer.from([0xff, 0xfe]));
    await printed("put", "a.log", "b.TXT", "c.bin", "d.log", "c");
    const types = (await printed("ls", "-l", "c")).match(/\S+ {2}\S.*$/gm);
    expect(types?.map((line) => line.replace(/^\S+ +(\d\S+ +)?/, ""))).toEqual([
      "a.log  text/plain; charset=utf-8",
      "b.TXT  text/plain; charset=utf-8",
      "c.bin  application/octet-stream",
      "d.log  text/plain",
    ]);
  });

  test.each([
    [["ls", "none"], /\/none was answered with 404: There is no container AUTH_\w+\/none \(/],
    [["cat", "c/none"], /\/c\/none was answered with 404: There is no object .*c\/none \(/],
    [["rm", "c/none"], /\/c\/none was answered with 404/],
    [["rm", "c"], /\/c was answered with 409: /],
    [["cat", "swift://other/c/o"], /of another account/],
    [["put", "none", "c"], /Cannot read none/],
    [["put", "-", ""], /is not of the form CONTAINER/],
    [["cat", "c"], /names no object; say CONTAINER\/OBJECT/],
    [["excute"], /did you mean .*execute/],
  ])("%j says what is wrong", async (argv, message) => {
    await store("x", "c/full");
    const { status, stdout, stderr } = await captured(argv);
    expect([status, stdout]).toEqual([125, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\b404\b.*\b404\b|tx.*tx/);
  });

  test("who has no right to an account hears so", async () => {
    Object.assign(process.env, here.cloud.environment(READER));
    const { status, stderr } = await captured(["ls"]);
    expect(status).toBe(125);
    expect(stderr).toMatch(/was answered with 403/);
  });
});
