import { afterAll, beforeAll, expect, it } from "vitest";
import { type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { SUMMING_GUEST, sumOf } from "./cluster-guests.ts";
import { JobSender } from "./job-sender.ts";

const OBJECTS = 12;
const OBJECT_BYTES = 3 * 2 ** 20;
/** Of an order, an answer, and what HTTP says before them. */
const SESSION_BYTES = 12_000;

let cluster: SwiftCluster;
let tester: JobSender;
const contents = Array.from({ length: OBJECTS }, (_, at) => Buffer.alloc(OBJECT_BYTES, at + 1));

beforeAll(async () => {
  cluster = await startCluster({ counted: true });
  tester = new JobSender(cluster);
  await tester.container("data");
  await tester.container("bin");
  await tester.put("/bin/sum", SUMMING_GUEST);
  for (const [at, bytes] of contents.entries()) await tester.put(`/data/o${at + 10}`, bytes);
});
afterAll(async () => {
  await cluster?.stop();
});

function bytes(): number {
  const sums = cluster.traffic().map((one) => one.toServerBytes + one.fromServerBytes);
  return sums.reduce((sum, one) => sum + one, 0);
}

it("moves results and orders between nodes, not objects", async () => {
  const job = [tester.node("bin/sum", { stdin: tester.url("data/*"), stdout: undefined })];
  const sums = contents.map(sumOf);
  const first = await tester.job(job);
  expect({ status: first.status, text: first.text }).toEqual({ status: 200, text: sums.join("") });
  // Workers have the program now: it does not cross again.
  const before = bytes();
  const second = await tester.job(job);
  expect(second.text).toBe(sums.join(""));
  const crossed = bytes() - before;
  expect(crossed).toBeGreaterThan(0);
  expect(crossed).toBeLessThan(OBJECTS * SESSION_BYTES);
});
