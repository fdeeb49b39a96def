import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { end, FaultyFront } from "../../../test/support/faulty-front.ts";
import { type CloudUser, ServedCloud } from "../../../test/support/served-cloud.ts";
import { makeTree, readTree, workInOwnFolder } from "../../../test/support/temporary-folder.ts";

let cloud: ServedCloud;
let front: FaultyFront;
let home: string;
let user: CloudUser;
const before = { ...process.env };

workInOwnFolder((folder) => {
  home = folder;
});

beforeAll(async () => {
  cloud = await ServedCloud.start();
});
afterAll(async () => {
  await cloud.stop();
});

beforeEach(async () => {
  user = cloud.freshUser();
  front = new FaultyFront(cloud, user);
  await front.listen();
  Object.assign(process.env, front.environment, { XDG_CONFIG_HOME: join(home, "config") });
});

afterEach(async () => {
  signOut();
  Object.assign(process.env, before);
  await front.close();
});

function signOut(): void {
  for (const name of Object.keys(front.environment)) delete process.env[name];
}

/** Runs a command that has to work, and gives what it printed. */
async function printed(...argv: string[]): Promise<string> {
  const { status, stdout, stderr } = await captured(argv);
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

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
    await printed("get", "-r", "-o", "apps", "apps");
    const stored = (name: string): string => readFileSync(join("apps/v1", name), "latin1");
    expect(stored("app.zapp")).toBe(readFileSync("app.zapp", "latin1"));
    const url = `swift://${front.account}/apps/v1/app.zapp`;
    expect(JSON.parse(stored("boot/system.map"))).toMatchObject([
      { devices: [{ name: "stdout" }, { name: "image", path: url }] },
    ]);
    expect(stored("index.html")).toBe("<i>");
    const { token } = await cloud.signIn(user);
    const head = await fetch(`${cloud.url}/v1/${front.account}/apps`, {
      headers: { "X-Auth-Token": token },
    });
    expect(head.headers.get("x-container-meta-rest-endpoint")).toBe(url);
    expect(head.headers.get("x-container-meta-zerovm-suid")).toBe(".r:*,.rlistings");
    for (const name of Object.keys(readTree("apps/v1")).filter((path) => !path.endsWith("/"))) {
      expect(stored(name)).not.toMatch(/secret"|AUTH_tk|key\d/);
    }
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
    front.intercept = (request, response) => {
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
    expect(front.arrived.at(-1)).toMatchObject({
      headers: { "content-type": "application/x-tar" },
      body: readFileSync("app.zapp"),
    });
  });

  test("what is deployed runs by its job", async () => {
    await packed();
    await printed("deploy", "apps", "app.zapp");
    answerJobs({ ...NODE, "X-Nexe-Retcode": "0" }, "out");
    expect(await printed("execute", "--container", "apps")).toBe("out");
    const sent = front.arrived.at(-1)?.body.toString();
    expect(await printed("cat", "apps/boot/system.map")).toBe(sent);
  });

  test.each([
    ["[1]", "application/json"],
    ["#!file://python:python\n", "text/x-script"],
    ["\x1f\x8b\x08", "application/x-gzip"],
  ])("%j is sent as %s", async (text, type) => {
    writeFileSync("file", Buffer.from(text, "latin1"));
    answerJobs({ ...NODE, "X-Nexe-Retcode": "0" }, "");
    await printed("execute", "--on", "c/o", "file");
    expect(front.arrived.at(-1)).toMatchObject({
      url: `/v1/${front.account}/c/o`,
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
    front.intercept = ({ method, url }, response) => {
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
    expect(front.lines.at(-1)).toBe("DELETE /jobs/tx1");
  });
});
