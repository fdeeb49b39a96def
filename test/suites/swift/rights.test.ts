import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { busyCell } from "./busy-cells.ts";
import { SUMMING_GUEST, slowGuest, sumOf } from "./cluster-guests.ts";
import { JobSender } from "./job-sender.ts";
import { filesWith } from "./stored-files.ts";

const SECRET = "nobody else's business";

let cluster: SwiftCluster;
let tester: JobSender;
let other: JobSender;

beforeAll(async () => {
  cluster = await startCluster();
  tester = new JobSender(cluster);
  other = new JobSender(cluster, cluster.users.other);
  await tester.container("private");
  await tester.container("bin", { "X-Container-Read": ".r:*" });
  await tester.put("/bin/sum", SUMMING_GUEST);
  await tester.put("/bin/slow", slowGuest());
  await tester.put("/private/o", SECRET);
  await other.container("own");
});
afterAll(async () => {
  await cluster?.stop();
});

/** Runs the program of the first account for the owner of the other one. */
async function sumForOther(from: string, to?: string) {
  const stdout = { device: "stdout", ...(to !== undefined && { path: to }) };
  const file_list = [{ device: "stdin", path: tester.url(from) }, stdout];
  const exec = { path: tester.url("bin/sum") };
  const { status, text } = await other.job([{ name: "node", exec, file_list }]);
  return { status, text };
}

it("keeps objects from other accounts, and whether they are there", async () => {
  for (const name of ["o", "none"]) {
    expect(await sumForOther(`private/${name}`)).toEqual({
      status: 403,
      text: `Error 403 Forbidden while fetching /AUTH_test/private/${name}`,
    });
  }
  for (const container of ["private", "none"]) {
    const { status, text } = await sumForOther(`${container}/*`, other.url("own/*"));
    expect({ status, text: text.split(" (")[0] }).toEqual({
      status: 403,
      text: `May not list /AUTH_test/${container} for swift://AUTH_test/${container}/*`,
    });
  }
});

it("lets somebody read and write who has the right to", async () => {
  await tester.container("shared", { "X-Container-Read": "other:tester" });
  await tester.put("/shared/o", "for two");
  expect(await sumForOther("shared/o")).toEqual({ status: 200, text: sumOf("for two") });
  expect(await sumForOther("shared/o", tester.url("shared/written"))).toEqual({
    status: 403,
    text: "Status 403 Forbidden when putting /AUTH_test/shared/written",
  });
  expect(await tester.get("/shared/written")).toBe("status 404");
  await tester.container("shared", { "X-Container-Write": "other:tester" });
  const written = await sumForOther("shared/o", tester.url("shared/written"));
  expect(written).toMatchObject({ status: 200 });
  expect(await tester.get("/shared/written")).toBe(sumOf("for two"));
});

it("runs no job in an account for a guest there, and none for nobody", async () => {
  const reader = new JobSender(cluster, cluster.users.reader);
  const devices = { stdin: reader.url("private/o"), stdout: undefined };
  expect(await reader.run("bin/sum", devices)).toMatchObject({ status: 403 });
  const body = JSON.stringify([tester.node("bin/sum", devices)]);
  const headers = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
  const url = `${cluster.url}/v1/AUTH_test`;
  expect((await fetch(url, { method: "POST", headers, body })).status).toBe(401);
});

it("keeps what Swift has on its disks from the users of workers", async () => {
  for (const node of cluster.nodes) {
    await expect.poll(() => filesWith(node, SECRET)).toHaveLength(1);
    const [file = ""] = filesWith(node, SECRET);
    const status = readFileSync(`/proc/${node.worker?.pid}/status`, "latin1");
    const [, uid = ""] = /^Uid:\s+(\d+)/m.exec(status) ?? [];
    const [, gid = ""] = /^Gid:\s+(\d+)/m.exec(status) ?? [];
    expect(Number(uid)).toBeGreaterThan(0);
    const as = ["--reuid", uid, "--regid", gid, "--clear-groups", "--", "cat", file];
    const { stdout, stderr } = spawnSync("setpriv", as, { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(stderr).toContain("Permission denied");
  }
});

it("has all walls around the sessions of workers", async () => {
  const devices = { stdin: tester.url("private/o"), stdout: undefined };
  const asked = tester.run("bin/slow", devices);
  const { node, pid } = await busyCell(cluster);
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
  const seen = Object.fromEntries(
    ["NoNewPrivs", "Seccomp", "CapEff", "CapPrm"].map((name) => {
      return [name, new RegExp(`^${name}:\\s+(\\S+)$`, "m").exec(status)?.[1]];
    }),
  );
  const none = "0000000000000000";
  expect(seen).toEqual({ NoNewPrivs: "1", Seccomp: "2", CapEff: none, CapPrm: none });
  expect(command).toContain('"isWeak":false');
  expect(command).toContain('"hasNamespaces":true,"without":[]');
  expect(node.worker?.pid).not.toBe(pid);
  expect((await asked).text).toBe(sumOf(SECRET));
});
