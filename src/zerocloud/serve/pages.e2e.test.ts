import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archive } from "../../../test/support/archive.ts";
import { READER, ServedCloud, TESTER } from "../../../test/support/served-cloud.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { VERSION } from "../../base/index.ts";

const newFolder = temporaryFolders();
let cloud: ServedCloud;

beforeAll(async () => {
  const image = join(newFolder(), "python.tar");
  writeFileSync(image, archive([["python", "x"]]));
  cloud = await ServedCloud.start({
    config: JSON.stringify({ jobs: { timeoutSeconds: 7 }, images: { python: image } }),
  });
});
afterAll(async () => {
  await cloud.stop();
});

test("the bare address says what is there, also to HEAD", async () => {
  const answer = await fetch(cloud.url);
  const text = await answer.text();
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
  const told = JSON.parse(text);
  expect(told).toMatchObject({ name: "zerovm", version: VERSION, signIn: "/auth/v1.0" });
  for (const path of [told.info, told.openapi, told.health]) {
    expect((await fetch(cloud.url + path)).status).toBe(200);
  }
  const head = await fetch(cloud.url, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
  expect([head.status, await head.text()]).toEqual([200, ""]);
  expect((await fetch(cloud.url, { method: "POST" })).status).toBe(404);
});

test("/info has the limits of jobs and the images, beside what Swift has", async () => {
  const info = JSON.parse(await (await fetch(`${cloud.url}/info`)).text());
  expect(Object.keys(info)).toEqual(["swift", "slo", "tempauth", "zerovm"]);
  expect(info.zerovm).toMatchObject({
    version: VERSION,
    max_node_seconds: 7,
    max_job_nodes: 1000,
    images: ["python"],
  });
});

test("a line of the log names account and user of a request", async () => {
  const { token, storageUrl } = await cloud.signIn();
  const { token: others } = await cloud.signIn(READER);
  for (const name of [token, others, "AUTH_tk00"]) {
    await fetch(`${storageUrl}/c`, { headers: { "X-Auth-Token": name } });
  }
  await fetch(`${cloud.url}/auth/v1.0`, {
    headers: { "X-Auth-User": "my-own-key", "X-Auth-Key": "x" },
  });
  const lines = (): unknown[] =>
    cloud.log
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ path }) => path === "/v1/AUTH_test/c" || path === "/auth/v1.0")
      .map(({ path, status, account, user }) => [path, status, account, user]);
  await expect.poll(() => lines().length).toBe(6);
  const container = "/v1/AUTH_test/c";
  expect(lines()).toEqual([
    ["/auth/v1.0", 200, undefined, TESTER.user],
    ["/auth/v1.0", 200, undefined, READER.user],
    [container, 404, "AUTH_test", TESTER.user],
    [container, 403, "AUTH_test", READER.user],
    [container, 401, "AUTH_test", undefined],
    ["/auth/v1.0", 401, undefined, undefined],
  ]);
});
