import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ZEROVM } from "../../../test/support/command-line.ts";
import { LOOPING_GUEST, writingGuest } from "../../../test/support/guests.ts";
import { group, jobText } from "../../../test/support/job-folder.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();
let child: ChildProcess | undefined;
afterEach(() => void child?.kill("SIGKILL"));

interface Served {
  readonly storage: string;
  readonly origin: string;
  readonly token: string;
  readonly ended: Promise<number | null>;
}

/** `zerovm serve` over a new folder, somebody who has signed in, and a container with programs. */
async function served(environment: Readonly<Record<string, string>>): Promise<Served> {
  const data = join(newFolder(), "data");
  const env = { ...process.env, ...environment };
  const args = [ZEROVM, "serve", "--data", data, "--port", "0", "--json"];
  const started = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  child = started;
  const ended = new Promise<number | null>((done) => started.on("close", done));
  const line = await new Promise<Buffer>((done) => started.stdout.once("data", done));
  const { url: origin, authUrl, made } = JSON.parse(line.toString());
  const user = { "X-Auth-User": made.user, "X-Auth-Key": made.key };
  const { headers } = await fetch(authUrl, { headers: user });
  const token = headers.get("x-auth-token") ?? "";
  const storage = headers.get("x-storage-url") ?? "";
  const put = async (path: string, body: Uint8Array<ArrayBuffer>) =>
    await fetch(`${storage}/${path}`, { method: "PUT", headers: { "X-Auth-Token": token }, body });
  await put("c", new Uint8Array());
  await put("c/hello", new Uint8Array(writingGuest("hello")));
  await put("c/loop", new Uint8Array(LOOPING_GUEST));
  return { storage, origin, token, ended };
}

async function post({ storage, token }: Served, program: string): Promise<Response> {
  const headers = {
    "X-Auth-Token": token,
    "X-Zerovm-Execute": "1.0",
    "Content-Type": "application/json",
  };
  const body = new Uint8Array(jobText(group({ program })));
  return await fetch(storage, { method: "POST", headers, body });
}

async function figures({ origin }: Served): Promise<string> {
  return await (await fetch(`${origin}/metrics`)).text();
}

/** Processes whose parent is the server. */
function childrenOf(pid: number): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] === String(pid);
    } catch {
      return false;
    }
  });
}

test("zerovm serve runs jobs, shows their figures, and leaves no session when it stops", async () => {
  const server = await served({
    ZEROVM_SERVE_LIMITS_GRACE_SECONDS: "0",
    ZEROVM_SERVE_JOBS_TIMEOUT_SECONDS: "60",
    ZEROVM_SERVE_JOBS_WARM_CELLS: "1",
  });
  const hello = await post(server, "c/hello");
  expect(hello.status).toBe(200);
  expect(await hello.text()).toBe("hello");
  const text = await figures(server);
  expect(text).toContain('zerovm_jobs_ended_total{outcome="ok"} 1');
  expect(text).toMatch(/zerovm_http_requests_total\{method="POST",status="2xx",kind="job"\} 1/);
  for (const [name, count] of Object.entries({ accounts: 1, containers: 1, objects: 2 })) {
    expect(text).toContain(`zerovm_store_${name} ${count}\n`);
  }
  expect(text).toMatch(/^zerovm_store_bytes [1-9][0-9]*$/m);
  const looping = post(server, "c/loop").then(
    ({ status }) => status,
    () => "gone",
  );
  const running = 'zerovm_jobs{state="running"} 1';
  await expect.poll(async () => await figures(server), { timeout: 20_000 }).toContain(running);
  const pids = childrenOf(child?.pid ?? 0);
  expect(pids.length).toBeGreaterThan(0);
  child?.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  expect([503, "gone"]).toContain(await looping);
  const left = (): string[] => readdirSync("/proc").filter((name) => pids.includes(name));
  await expect.poll(left).toEqual([]);
});
