import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { end, FakeSwift } from "../../../test/support/fake-swift.ts";
import { makeTree, readTree, workInOwnFolder } from "../../../test/support/temporary-folder.ts";

let fake: FakeSwift;
let home: string;
const before = { ...process.env };

workInOwnFolder((folder) => {
  home = folder;
});

beforeEach(async () => {
  fake = new FakeSwift();
  await fake.listen();
  Object.assign(process.env, fake.environment, { XDG_CONFIG_HOME: join(home, "config") });
});

afterEach(async () => {
  for (const name of Object.keys(fake.environment)) delete process.env[name];
  Object.assign(process.env, before);
  await fake.close();
});

function signOut(): void {
  for (const name of Object.keys(fake.environment)) delete process.env[name];
}

/** Runs a command that has to work, and gives what it printed. */
async function printed(...argv: string[]): Promise<string> {
  const { status, stdout, stderr } = await captured(argv);
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

describe("zerovm login", () => {
  test("keeps a token for its owner alone, and other commands use it", async () => {
    const { ST_AUTH = "", ST_USER = "" } = fake.environment;
    signOut();
    const out = await printed("login", "-A", ST_AUTH, "-U", ST_USER, "-K", "secret");
    expect(out).toBe(`test:tester is signed in: ${fake.origin}/v1/AUTH_test\n`);
    const file = join(home, "config/zerovm/login.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).not.toContain("secret");
    fake.store("logs", "a", "1");
    expect(await printed("ls")).toBe("logs\n");
    fake.token = "another";
    const expired = await captured(["ls"]);
    expect(expired.status).toBe(125);
    expect(expired.stderr).toContain("may have run out: sign in again with zerovm login");
  });

  test("a file that others could read is not used", async () => {
    signOut();
    makeTree(home, { "config/zerovm/login.json": "{}" });
    const { status, stderr } = await captured(["ls"]);
    expect(status).toBe(125);
    expect(stderr).toContain("login.json can be read by other users; sign in again");
  });

  test("says what is missing", async () => {
    signOut();
    expect((await captured(["ls"])).stderr).toContain("Nobody is signed in: run zerovm login");
    expect((await captured(["login"])).stderr).toContain("give --auth, or set ST_AUTH");
    process.env["ST_USER"] = "u";
    expect((await captured(["ls"])).stderr).toContain("has no ST_AUTH and no ST_KEY");
  });
});

describe("zerovm ls, put, get, cat and rm", () => {
  test("folders go to objects and back", async () => {
    makeTree(".", { "site/a.html": "<a>", "site/img/b": "bytes", "site/c": "" });
    expect(await printed("put", "site", "web/v1/")).toBe(
      "web/v1/a.html: 3 bytes\nweb/v1/c: 0 bytes\nweb/v1/img/b: 5 bytes\n",
    );
    expect(await printed("ls", "web/v1/i")).toBe("v1/img/b\n");
    expect(await printed("ls", "-l", "web")).toContain(
      "     3  2026-01-02T03:04:05  v1/a.html  application/octet-stream\n",
    );
    expect(JSON.parse(await printed("ls", "--json", "web"))).toHaveLength(3);
    await printed("get", "-r", "-o", "copy", "web");
    expect(readTree("copy")).toEqual({
      "v1/": "",
      "v1/a.html": "<a>",
      "v1/c": "",
      "v1/img/": "",
      "v1/img/b": "bytes",
    });
    expect(await printed("cat", "web/v1/a.html", "swift://AUTH_test/web/v1/img/b")).toBe(
      "<a>bytes",
    );
    expect(await printed("rm", "web/v1/c")).toBe("removed web/v1/c\n");
    await printed("rm", "-r", "web");
    expect(await printed("ls", "--json")).toBe("[]\n");
  });

  test("one file gets its own name, or another", async () => {
    makeTree(".", { "d/one.txt": "1" });
    await printed("put", "d/one.txt", "c");
    await printed("put", "d/one.txt", "c/x/two", "--type", "text/y");
    expect([...(fake.containers.get("c")?.keys() ?? [])]).toEqual(["one.txt", "x/two"]);
    expect(fake.containers.get("c")?.get("x/two")?.type).toBe("text/y");
    expect(await printed("put", "--segment", "1", "--json", "d/one.txt", "c/z")).toContain(
      '"segments": 0',
    );
  });

  test("a download that ended early goes on where it was", async () => {
    fake.store("c", "o", "0123456789");
    writeFileSync("o.part", "01234");
    expect(await printed("get", "c/o")).toBe("o: 10 bytes\n");
    expect(readFileSync("o", "utf8")).toBe("0123456789");
    expect(fake.arrived.at(-1)?.headers["range"]).toBe("bytes=5-");
    expect(readTree(".")["o.part"]).toBeUndefined();
  });

  test("what is there of another state of the object is not gone on with", async () => {
    fake.store("c", "o", "0123456789");
    writeFileSync("o.part", "xxxxx");
    await printed("get", "c/o");
    expect(readFileSync("o", "utf8")).toBe("0123456789");
    writeFileSync("o.part", "01234");
    utimesSync("o.part", 1, 1);
    await printed("get", "c/o");
    expect(fake.arrived.at(-1)?.headers["range"]).toBeUndefined();
  });

  test("Ctrl-C keeps what has arrived", async () => {
    fake.store("c", "o", "0123456789");
    fake.intercept = ({ method, url }, response) => {
      if (method !== "GET" || !url.endsWith("/c/o")) return false;
      response.writeHead(200, { "Content-Length": "10" });
      response.write("0123", () => setTimeout(() => process.emit("SIGINT"), 200));
      return true;
    };
    const { status, stderr } = await captured(["get", "c/o"]);
    expect(status).toBe(130);
    expect(stderr).toContain("interrupted; what has arrived is in FILE.part");
    expect(readFileSync("o.part", "utf8")).toBe("0123");
  });

  test("names that lead elsewhere are no files", async () => {
    fake.store("c", "../out", "x");
    fake.store("c", "ok", "y");
    mkdirSync("in");
    const { stdout, stderr } = await captured(["get", "-r", "-o", "in", "c"]);
    expect(stdout).toBe("in/ok: 1 bytes\n");
    expect(stderr).toContain("warning: c/../out has no name that a file could have");
    expect(Object.keys(readTree("."))).toEqual(["in/", "in/ok"]);
  });

  test("errors say what the server said", async () => {
    const { status, stderr } = await captured(["cat", "none/x"]);
    expect(status).toBe(125);
    expect(stderr).toContain("/v1/AUTH_test/none/x was answered with 404: Not Found");
    expect((await captured(["cat", "swift://other/c/o"])).stderr).toContain("of another account");
    expect((await captured(["put", "none", "c"])).stderr).toContain("Cannot read none");
    expect((await captured(["excute"])).stderr).toMatch(/did you mean .*execute/);
  });
});

describe("zerovm deploy and execute", () => {
  const ZAPP = `meta: {name: app}
rest: true
execution:
  groups:
    - {name: g, path: "file://image:p.wasm", devices: [{name: stdout}]}
bundling: [p.wasm, lib]
ui: ["*.html"]
`;

  async function packed(): Promise<void> {
    makeTree(".", {
      "zapp.yaml": ZAPP,
      "p.wasm": "p",
      "index.html": "<i>",
      "lib/secret.html": "s",
    });
    await printed("pack");
  }

  test("stores bundle, job and pages, and sets the endpoint", async () => {
    await packed();
    expect(await printed("deploy", "--public", "apps/v1", "app.zapp")).toBe(
      "stored apps/v1/app.zapp\nstored apps/v1/boot/system.map\nstored apps/v1/index.html\n" +
        "answers the requests of apps\n",
    );
    const apps = fake.containers.get("apps");
    expect(apps?.get("v1/app.zapp")).toMatchObject({
      type: "application/x-tar",
      body: readFileSync("app.zapp"),
    });
    expect(JSON.parse(apps?.get("v1/boot/system.map")?.body.toString() ?? "")).toMatchObject([
      {
        devices: [
          { name: "stdout" },
          { name: "image", path: "swift://AUTH_test/apps/v1/app.zapp" },
        ],
      },
    ]);
    expect(apps?.get("v1/index.html")?.body.toString()).toBe("<i>");
    expect(fake.containerHeaders.get("apps")).toMatchObject({
      "x-container-meta-rest-endpoint": "swift://AUTH_test/apps/v1/app.zapp",
      "x-container-meta-zerovm-suid": ".r:*,.rlistings",
    });
    for (const { body } of apps?.values() ?? [])
      expect(body.toString()).not.toMatch(/secret"|tk\d/);
    const again = await captured(["deploy", "apps/v1", "app.zapp"]);
    expect([again.status, again.stderr]).toEqual([
      125,
      "zerovm: The container apps holds objects already; --force takes it\n",
    ]);
    await printed("deploy", "--force", "apps/v1", "app.zapp");
  });

  const NODE = {
    "X-Nexe-System": "g",
    "X-Nexe-Status": "ok.",
    "X-Nexe-Retcode": "3",
    "X-Nexe-Cdr-Line": "0.5, 0.4, 0.10 0.20 1 2 3 4 1 1 1 1",
  };

  function answerJobs(headers: Record<string, string>, body: string, status = 200): void {
    fake.intercept = (request, response) => {
      if (request.headers["x-zerovm-execute"] === undefined) return false;
      end(response, status, headers, body);
      return true;
    };
  }

  test("a bundle is sent as it is; the status is that of the program", async () => {
    await packed();
    answerJobs(NODE, "hello\n");
    const { status, stdout, stderr } = await captured(["execute", "--summary", "app.zapp"]);
    expect([status, stdout]).toEqual([3, "hello\n"]);
    expect(stderr).toBe(
      "NODE  STATUS  EXIT  SECONDS  SYSTEM  USER  READS  READ  WRITES  WRITTEN\n" +
        "g     ok.     3     0.40     0.10    0.20  2      3     4       5\n" +
        "Total time: 0.500 s\n",
    );
    expect(fake.arrived.at(-1)).toMatchObject({
      headers: { "content-type": "application/x-tar" },
      body: readFileSync("app.zapp"),
    });
  });

  test("what is deployed runs by its job", async () => {
    await packed();
    await printed("deploy", "apps", "app.zapp");
    answerJobs({ ...NODE, "X-Nexe-Retcode": "0" }, "out");
    expect(await printed("execute", "--container", "apps")).toBe("out");
    expect(fake.arrived.at(-1)?.body).toEqual(
      fake.containers.get("apps")?.get("boot/system.map")?.body,
    );
  });

  test.each([
    ["[1]", "application/json"],
    ["#!file://python:python\n", "text/x-script"],
    ["\x1f\x8b\x08", "application/x-gzip"],
  ])("%j is sent as %s", async (text, type) => {
    writeFileSync("file", Buffer.from(text, "latin1"));
    answerJobs({ ...NODE, "X-Nexe-Retcode": "0" }, "");
    await printed("execute", "--on", "c/o", "file");
    expect(fake.arrived.at(-1)).toMatchObject({
      url: "/v1/AUTH_test/c/o",
      headers: { "content-type": type },
    });
  });

  test("refusals and failures end with 125", async () => {
    writeFileSync("job.json", "[]");
    answerJobs({}, "Config parser cannot resolve any job nodes", 400);
    const refused = await captured(["execute", "job.json"]);
    expect(refused.status).toBe(125);
    expect(refused.stderr).toContain(
      "answered with 400: Config parser cannot resolve any job nodes",
    );
    answerJobs({ ...NODE, "X-Nexe-Status": "session timeout" }, "part", 500);
    const failed = await captured(["execute", "job.json"]);
    expect(failed).toEqual({ status: 125, stdout: "part", stderr: "zerovm: g: session timeout\n" });
    writeFileSync("job.json", "what");
    expect((await captured(["execute", "job.json"])).stderr).toContain("is neither a job");
  });

  test("a deferred job names its result", async () => {
    writeFileSync("job.json", "[]");
    answerJobs({ "X-Trans-Id": "tx1" }, "swift://AUTH_test/.zvm/job-1");
    const { stdout, stderr } = await captured(["execute", "--deferred", "always", "job.json"]);
    expect(stdout).toBe("swift://AUTH_test/.zvm/job-1\n");
    expect(stderr).toBe("zerovm: the job is tx1: zerovm logs shows it\n");
  });
});

describe("zerovm ps and logs", () => {
  test("show jobs, end them, and tell of their errors", async () => {
    const details = {
      id: "tx1",
      state: "done",
      report: { instances: [{ name: "g", statusText: "ok.", errorTail: "a\nb\u001b[0m\n" }] },
    };
    fake.intercept = ({ method, url }, response) => {
      if (!url.startsWith("/jobs")) return false;
      const isList = url === "/jobs";
      const answer = isList ? [{ ...details, seconds: 1.5 }] : details;
      end(
        response,
        method === "DELETE" ? 204 : 200,
        {},
        method === "DELETE" ? "" : JSON.stringify(answer),
      );
      return true;
    };
    expect(await printed("ps")).toBe("ID   STATE  SECONDS\ntx1  done   1.50\n");
    expect(await printed("logs", "tx1")).toBe("tx1: done\ng: ok.\ng| a\ng| b\\x1b[0m\n");
    expect(await printed("ps", "--cancel", "tx1")).toBe("cancelled tx1\n");
    expect(fake.lines.at(-1)).toBe("DELETE /jobs/tx1");
  });
});
