import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POLICIES, type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { COPYING_GUEST } from "../../support/guests.ts";
import { SUMMING_GUEST, sumOf } from "./cluster-guests.ts";
import { JobSender } from "./job-sender.ts";
import { dataFiles } from "./stored-files.ts";

const TEXT = "what no disk shows: ".repeat(10_000);

let cluster: SwiftCluster;
let tester: JobSender;

beforeAll(async () => {
  cluster = await startCluster({ encrypted: true, coded: true });
  tester = new JobSender(cluster);
  await tester.container("copies");
  await tester.container("coded", { "X-Storage-Policy": POLICIES.coded });
  await tester.container("bin", { "X-Storage-Policy": POLICIES.coded });
  await tester.put("/bin/sum", SUMMING_GUEST);
  await tester.put("/bin/copy", COPYING_GUEST);
});
afterAll(async () => {
  await cluster?.stop();
});

/** Whether a disk has a file that holds some text. */
function isShown(policy: string, text: string): boolean {
  return cluster.nodes.some(({ devices }) => {
    return dataFiles(join(devices, "d1", policy)).some((file) => readFileSync(file).includes(text));
  });
}

describe.each(["copies", "coded"])("the policy %s, encrypted", (policy) => {
  it("has inputs and outputs as any other", async () => {
    await tester.put(`/${policy}/o`, TEXT);
    const devices = { stdin: tester.url(`${policy}/o`), stdout: undefined };
    const summed = await tester.run("bin/sum", devices);
    expect(summed).toMatchObject({ status: 200, text: sumOf(TEXT) });
    const copied = await tester.run("bin/copy", {
      stdin: tester.url(`${policy}/o`),
      stdout: tester.url(`${policy}/copy`),
    });
    expect(copied.status).toBe(200);
    expect((await tester.get(`/${policy}/copy`)) === TEXT).toBe(true);
    const folder = policy === "copies" ? "objects" : "objects-1";
    expect(isShown(folder, "what no disk shows")).toBe(false);
  });
});
