import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type BundledProgram, bundleProgram } from "../../../test/support/bundled.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { kindOfPath, type Started } from "./index.ts";

const newFolder = temporaryFolders();
let program: BundledProgram;
const running: Running[] = [];

beforeAll(async () => {
  program = await bundleProgram("test/support/stand-in-server.ts");
});
afterAll(async () => await program.remove());
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill("SIGKILL");
});

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string | null>;
  stdout: string;
  stderr: string;
}

function start(folder: string, env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [program.path, folder], {
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | string | null>((done) => {
    child.on("close", (status, signal) => done(status ?? signal));
  });
  const run: Running = { child, ended, stdout: "", stderr: "" };
  child.stdout?.on("data", (bytes: Buffer) => (run.stdout += bytes));
  child.stderr?.on("data", (bytes: Buffer) => (run.stderr += bytes));
  running.push(run);
  return run;
}

async function ready(run: Running): Promise<Started> {
  await expect.poll(() => run.stdout).toContain("\n");
  return JSON.parse(run.stdout);
}

async function signIn(url: string, user: string, key: string): Promise<number> {
  const headers = { "x-auth-user": user, "x-auth-key": key };
  return (await fetch(`${url}/auth/v1.0`, { headers })).status;
}

describe("a server", () => {
  it("makes an account at its first start, shows it once, and ends in order", async () => {
    const folder = join(newFolder(), "data");
    const first = start(folder);
    const { url, made, accountsPath } = await ready(first);
    expect(accountsPath).toBe(join(folder, "accounts.ini"));
    expect(await signIn(url, made?.user ?? "", made?.key ?? "")).toBe(200);
    expect(await signIn(url, made?.user ?? "", "other")).toBe(401);
    first.child.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    const second = start(folder);
    expect((await ready(second)).made).toBeUndefined();
    second.child.kill("SIGINT");
    expect(await second.ended).toBe(0);
    for (const text of [first.stderr, second.stderr]) {
      expect(text).not.toContain(made?.key);
      expect(text).toContain('"text":"Stopped"');
    }
  });

  it("says how it is, and what it did", async () => {
    const { url } = await ready(start(newFolder()));
    const stateOf = async (path: string) => await (await fetch(`${url}${path}`)).json();
    expect(await stateOf("/readyz")).toEqual({ state: "ready" });
    expect(await stateOf("/healthz")).toEqual({ state: "ready" });
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get("content-type")).toContain("version=0.0.4");
    const text = await metrics.text();
    expect(text).toContain("zerovm_http_connections 1\n");
    expect(text).toContain('zerovm_http_requests_total{method="GET",status="2xx",kind="other"} 2');
  });

  it("keeps its figures to itself where it is told so", async () => {
    const { url } = await ready(start(newFolder(), { ZEROVM_SERVE_METRICS: "false" }));
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it("lets requests under way end, and takes no others", async () => {
    const run = start(newFolder());
    const { url } = await ready(run);
    const slow = fetch(`${url}/slow`);
    await new Promise((go) => setTimeout(go, 200));
    run.child.kill("SIGTERM");
    expect((await slow).status).toBe(404);
    expect(await run.ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  it("ends at once for a second signal", async () => {
    const run = start(newFolder());
    const { url } = await ready(run);
    void fetch(`${url}/slow`).catch(() => undefined);
    await new Promise((go) => setTimeout(go, 200));
    run.child.kill("SIGTERM");
    await expect.poll(() => run.stderr).toContain("Stopping");
    run.child.kill("SIGINT");
    expect(await run.ended).toBe(130);
  });

  it("refuses a store that another one has, and leaves it alone", async () => {
    const folder = newFolder();
    const first = start(folder);
    const { url } = await ready(first);
    const second = start(folder);
    expect(await second.ended).toBe(125);
    expect(JSON.parse(second.stdout)).toMatchObject({ code: "ZVM_STORE_IN_USE" });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it("reads its accounts again when it is told, and keeps them where the file is wrong", async () => {
    const folder = newFolder();
    const run = start(folder);
    const { url, accountsPath } = await ready(run);
    writeFileSync(accountsPath, "[tempauth]\nuser_a_b = key .admin\n");
    run.child.kill("SIGHUP");
    await expect.poll(() => run.stderr).toContain("again: 1 users");
    expect(await signIn(url, "a:b", "key")).toBe(200);
    writeFileSync(accountsPath, "[tempauth]\nuser_a_b =\n");
    run.child.kill("SIGHUP");
    await expect.poll(() => run.stderr).toContain("ZVM_AUTH");
    expect(await signIn(url, "a:b", "key")).toBe(200);
    expect(readFileSync(accountsPath, "utf8")).toContain("user_a_b =\n");
  });

  it("does not start with accounts that have errors, and lets go of the store", async () => {
    const [folder, file] = [newFolder(), join(newFolder(), "accounts.ini")];
    writeFileSync(file, "[tempauth]\nuser_a = k\n");
    const failed = start(folder, { ZEROVM_SERVE_AUTH_FILE: file });
    expect(await failed.ended).toBe(125);
    expect(JSON.parse(failed.stdout)).toMatchObject({ code: "ZVM_AUTH" });
    await ready(start(folder));
  });
});

describe("the kind of a request", () => {
  it.each([
    ["/v1/AUTH_a", "account"],
    ["/v1/AUTH_a/", "account"],
    ["/v1.0/AUTH_a/c", "container"],
    ["/v1/AUTH_a/c/", "container"],
    ["/v1/AUTH_a/c/o/p/", "object"],
    ["/auth/v1.0", "auth"],
    ["/auth", "auth"],
    ["/authors", "other"],
    ["/v1", "other"],
    ["/v2/a/b", "other"],
    ["/", "other"],
  ])("of %s is %s", (path, kind) => {
    expect(kindOfPath(path)).toBe(kind);
  });
});
