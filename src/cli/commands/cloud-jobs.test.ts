import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { CommandsInCloud, printed } from "../../../test/support/commands-in-cloud.ts";
import {
  COPYING_GUEST,
  exitingGuest,
  LOOPING_GUEST,
  writingGuest,
} from "../../../test/support/guests.ts";
import { makeTree, readTree } from "../../../test/support/temporary-folder.ts";

const here = new CommandsInCloud();

/** Stores what jobs name, in the container `c`. */
async function stored(name: string, contents: string | Uint8Array): Promise<void> {
  writeFileSync(name, contents);
  await printed("put", name, "c");
}

/** Writes a job of one node with standard output and standard error. */
function job({ name, program }: { readonly name: string; readonly program: string }): void {
  const exec = { path: `swift://~/c/${program}` };
  const devices = [{ name: "stdout" }];
  writeFileSync("job.json", JSON.stringify([{ name, exec, devices }]));
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

  async function packed(text: string): Promise<void> {
    makeTree(".", { "zapp.yaml": ZAPP, "index.html": "<i>", "lib/secret.html": "s" });
    writeFileSync("p.wasm", writingGuest(text));
    await printed("pack");
  }

  test("stores bundle, job and pages, and sets the endpoint", async () => {
    await packed("");
    expect(await printed("deploy", "--public", "apps/v1", "app.zapp")).toBe(
      "stored apps/v1/app.zapp\nstored apps/v1/boot/system.map\nstored apps/v1/index.html\n" +
        "answers the requests of apps\n",
    );
    await printed("get", "-r", "-o", "apps", "apps");
    const stored = (name: string): string => readFileSync(join("apps/v1", name), "latin1");
    expect(stored("app.zapp")).toBe(readFileSync("app.zapp", "latin1"));
    const url = `swift://${here.front.account}/apps/v1/app.zapp`;
    expect(JSON.parse(stored("boot/system.map"))).toMatchObject([
      { devices: [{ name: "stdout" }, { name: "image", path: url }] },
    ]);
    expect(stored("index.html")).toBe("<i>");
    const { token } = await here.cloud.signIn(here.user);
    const head = await fetch(`${here.cloud.url}/v1/${here.front.account}/apps`, {
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

  test("a bundle is sent as it is, and told of node by node", async () => {
    await packed("hello\n");
    const { status, stdout, stderr } = await captured(["execute", "--summary", "app.zapp"]);
    expect([status, stdout]).toEqual([0, "hello\n"]);
    expect(stderr).toMatch(/^NODE .*WRITTEN\ng {5}ok\. {5}0 .* 1 +6\nTotal time: \d+\.\d{3} s\n$/);
    expect(here.front.arrived.at(-1)).toMatchObject({
      headers: { "content-type": "application/x-tar" },
      body: readFileSync("app.zapp"),
    });
    const report = JSON.parse(await printed("execute", "--report", "app.zapp")) as unknown;
    expect(report).toMatchObject({ status: 200, instances: [{ name: "g", exitCode: 0 }] });
    const told = JSON.parse(await printed("execute", "--json", "app.zapp")) as unknown;
    expect(told).toMatchObject({ status: 200, body: "hello\n", nodes: [{ name: "g" }] });
  });

  test("what is deployed runs by its job", async () => {
    await packed("out");
    await printed("deploy", "apps", "app.zapp");
    expect(await printed("execute", "--container", "apps")).toBe("out");
    const sent = here.front.arrived.at(-1)?.body.toString();
    expect(await printed("cat", "apps/boot/system.map")).toBe(sent);
    expect(await printed("execute", `swift://${here.front.account}/apps/app.zapp`)).toBe("out");
  });

  test("a compressed bundle and a script are known by how they begin", async () => {
    await packed("packed");
    writeFileSync("app.gz", gzipSync(readFileSync("app.zapp")));
    expect(await printed("execute", "app.gz")).toBe("packed");
    expect(here.front.arrived.at(-1)?.headers["content-type"]).toBe("application/x-gzip");
    await stored("copy", COPYING_GUEST);
    await stored("text", "what a script reads");
    writeFileSync("script", "#!swift://~/c/copy\n");
    expect(await printed("execute", "--on", "c/text", "script")).toBe("what a script reads");
    expect(here.front.lines.at(-1)).toBe(`POST /v1/${here.front.account}/c/text`);
    const unnamed = await captured(["execute", "--on", "c", "script"]);
    expect([unnamed.status, unnamed.stderr]).toEqual([
      125,
      "zerovm execute: name the object that the script reads: --on c/OBJECT\n",
    ]);
  });

  test("the status is that of the program, of which errors are told", async () => {
    await stored("exit", exitingGuest(3));
    job({ name: "g", program: "exit" });
    expect((await captured(["execute", "job.json"])).status).toBe(3);
    await stored("text", "no program");
    job({ name: "g", program: "text" });
    const failed = await captured(["execute", "job.json"]);
    expect([failed.status, failed.stdout]).toEqual([125, ""]);
    expect(failed.stderr).toMatch(/^zerovm: g: .+\nzerovm: zerovm logs \w+ shows more\n$/);
  });

  test("refusals end with 125", async () => {
    writeFileSync("job.json", "[]");
    const refused = await captured(["execute", "job.json"]);
    expect(refused.status).toBe(125);
    expect(refused.stderr).toMatch(/was answered with 400: .+ \(transaction tx[^)]+\)\n$/);
    const node = { name: "g", exec: { path: "swift://~/c/p" }, devices: [{ name: "no" }], odd: 1 };
    writeFileSync("my job.json", `[\n${JSON.stringify(node)}]`);
    const { stderr } = await captured(["execute", "my job.json"]);
    const [device, warning, last, ...more] = stderr.split("\n");
    expect(device).toMatch(/^my job\.json:2:\d+: error: [^/]+ no \(\/0\/devices\/0\)$/);
    expect(warning).toMatch(/^my job\.json:2:\d+: warning: [^/]+ odd: [^/]+ \(\/0\/odd\)$/);
    expect(last).toMatch(/^zerovm: POST \S+ was answered with 400: the job has errors \(tran.*\)$/);
    expect(more).toEqual([""]);
    writeFileSync("job.json", "what");
    expect((await captured(["execute", "job.json"])).stderr).toContain("is neither a job");
  });

  test("a deferred job names its result, which comes when it is there", async () => {
    await stored("hello", writingGuest("late"));
    job({ name: "g", program: "hello" });
    const { stdout, stderr } = await captured(["execute", "--deferred", "always", "job.json"]);
    expect(stdout).toMatch(/^swift:\/\/\S+\n$/);
    const id = /^zerovm: the job is (\S+): zerovm logs shows it\n$/.exec(stderr)?.[1] ?? "";
    await expect.poll(() => printed("logs", id)).toContain(`${id}: ended, ok\nresult: ${stdout}`);
    const url = stdout.trim();
    await expect.poll(async () => (await captured(["cat", url])).stdout).toBe("late");
  });
});

describe("zerovm ps and logs", () => {
  test("show jobs, and tell of their errors", async () => {
    expect(await printed("ps")).toBe("ID  STATE  OUTCOME  INSTANCES  CREATED  SECONDS\n");
    await stored("complain", writingGuest("a\nb\u001b[0m\n", 2));
    job({ name: "g", program: "complain" });
    await printed("execute", "job.json");
    const line = (await printed("ps")).split("\n")[1] ?? "";
    expect(line).toMatch(/^\w+ {2}ended {2}ok {7}1 {10}\S+ {2}\d+\.\d\d$/);
    const id = line.split(" ")[0] ?? "";
    expect(await printed("logs", id)).toBe(`${id}: ended, ok\ng: ok.\ng| a\ng| b\\x1b[0m\n`);
    expect(JSON.parse(await printed("logs", "--json", id))).toMatchObject({ id, outcome: "ok" });
    const [first] = JSON.parse(await printed("ps", "--json")) as unknown[];
    expect(first).toMatchObject({ id, state: "ended", instances: 1 });
    expect(first).not.toHaveProperty("exitCode");
  });

  test("tell what a program gave to exit, where that is not 0", async () => {
    await stored("exit", exitingGuest(3));
    job({ name: "g", program: "exit" });
    expect((await captured(["execute", "job.json"])).status).toBe(3);
    const line = (await printed("ps")).split("\n")[1] ?? "";
    expect(line).toMatch(/^\w+ {2}ended {2}exit 3 {3}1 {10}/);
    const id = line.split(" ")[0] ?? "";
    expect(await printed("logs", id)).toBe(`${id}: ended, exit 3\ng: exit 3\n`);
    for (const told of [
      JSON.parse(await printed("logs", "--json", id)),
      JSON.parse(await printed("ps", "--json"))[0],
    ]) {
      expect(told).toMatchObject({ id, outcome: "ok", exitCode: 3 });
    }
    const { stderr } = await captured(["ps", "--cancel", id]);
    expect(stderr).toBe(`zerovm: ${id} had ended already: exit 3\n`);
    const { stdout } = await captured(["ps", "--json", "--cancel", id]);
    expect(JSON.parse(stdout)).toEqual({ ended: id, outcome: "ok", exitCode: 3 });
  });

  test("end a job", async () => {
    await stored("endless", LOOPING_GUEST);
    job({ name: "g", program: "endless" });
    const { stderr } = await captured(["execute", "--deferred", "always", "job.json"]);
    const id = /the job is (\S+):/.exec(stderr)?.[1] ?? "";
    await expect.poll(() => printed("logs", id)).toContain("g: running");
    expect(await printed("ps", "--cancel", id)).toBe(`cancelled ${id}\n`);
    await expect.poll(() => printed("logs", id)).toContain(`${id}: ended, cancelled\n`);
    expect(await printed("logs", id)).toMatch(/\ng: cancelled\ng: The job was cancelled\n$/);
    const again = await captured(["ps", "--cancel", id]);
    expect(again).toMatchObject({
      status: 1,
      stdout: "",
      stderr: `zerovm: ${id} had ended already: cancelled\n`,
    });
    const empty = await captured(["ps", "--cancel", ""]);
    expect([empty.status, empty.stderr]).toEqual([
      125,
      "zerovm ps: --cancel takes the ID of a job, and it is empty\n",
    ]);
    expect((await captured(["logs", ""])).stderr).toContain("name the ID of one job");
    expect((await captured(["ps", "--cancel", "none"])).stderr).toContain("no such job");
  });
});
