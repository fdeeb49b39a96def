import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { LOOPING_GUEST } from "../../../test/support/guests.ts";
import { group, jobText } from "../../../test/support/job-folder.ts";
import { ServedCloud, type SignedIn } from "../../../test/support/served-cloud.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();
let cloud: ServedCloud | undefined;
afterEach(async () => void (await cloud?.stop("SIGKILL")));

const TEXT = "The server was stopped before the job ended";

interface Served {
  readonly cloud: ServedCloud;
  readonly signedIn: SignedIn;
}

async function serve(data: string): Promise<Served> {
  const env = {
    ZEROVM_SERVE_JOBS_TIMEOUT_SECONDS: "60",
    ZEROVM_SERVE_LIMITS_GRACE_SECONDS: "0",
  };
  cloud = await ServedCloud.start({ data, env });
  return { cloud, signedIn: await cloud.signIn() };
}

async function send(
  { signedIn: { storageUrl, token } }: Served,
  method: string,
  path: string,
  more: { readonly headers?: Record<string, string>; readonly body?: Uint8Array } = {},
): Promise<Response> {
  const url = path.startsWith("/jobs") ? new URL(path, storageUrl) : storageUrl + path;
  const headers = { "X-Auth-Token": token, ...more.headers };
  const body = more.body === undefined ? {} : { body: new Uint8Array(more.body) };
  return await fetch(url, { method, headers, ...body });
}

/** A deferred job that never ends, and runs. @returns its id and the path of its result */
async function deferred(served: Served, target: string): Promise<{ id: string; result: string }> {
  await send(served, "PUT", "/c");
  await send(served, "PUT", "/c/loop", { body: LOOPING_GUEST });
  const headers = {
    "X-Zerovm-Execute": "1.0",
    "X-Zerovm-Deferred": "always",
    "Content-Type": "application/json",
  };
  const body = jobText(group({ program: "c/loop" }));
  const answer = await send(served, "POST", target, { headers, body });
  expect(answer.status).toBe(200);
  const id = answer.headers.get("x-zerovm-job") ?? "";
  const result = (await answer.text()).replace(/^swift:\/\/[^/]+/, "");
  await expect
    .poll(async () => await (await send(served, "GET", `/jobs/${id}`)).json())
    .toMatchObject({ state: "running" });
  return { id, result };
}

describe.each(["SIGKILL", "SIGTERM"] as const)(
  "a deferred job whose server ends by %s",
  (signal) => {
    test.each(["", "/c/result"])("is told of by the next one, sent to '%s'", async (target) => {
      const data = join(newFolder(), "data");
      const first = await serve(data);
      const { id, result } = await deferred(first, target);
      // As its siblings: jobs are nobody else's to read.
      expect(statSync(join(data, "deferred")).mode & 0o777).toBe(0o700);
      await first.cloud.stop(signal);
      const second = await serve(data);
      const status = await (await send(second, "GET", `/jobs/${id}`)).json();
      expect(status).toMatchObject({ id, state: "ended", status: 503, error: TEXT });
      expect(status).toMatchObject({ outcome: "failed", account: "AUTH_test" });
      const stored = await send(second, "GET", result);
      expect([stored.status, await stored.text()]).toEqual([200, `${TEXT}\n`]);
      expect(await (await send(second, "GET", `${result}.headers`)).json()).toMatchObject({
        status: 503,
        headers: {
          "x-nexe-system": "n",
          "x-nexe-error": encodeURIComponent(TEXT).replaceAll("%20", " "),
          "x-zerovm-job": id,
        },
      });
      expect(readdirSync(join(data, "deferred"))).toEqual([]);
    });
  },
);
