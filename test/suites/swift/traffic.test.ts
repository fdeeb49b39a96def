import { afterAll, beforeAll, expect, it } from "vitest";
import { type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { padded, SUMMING_GUEST, sumOf } from "./cluster-guests.ts";
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

it("moves a program once to each worker, however many sessions wait for it", async () => {
  const program = padded(SUMMING_GUEST, 500_000);
  await tester.put("/bin/padded", program);
  const job = [tester.node("bin/padded", { stdin: tester.url("data/*"), stdout: undefined })];
  const before = bytes();
  expect((await tester.job(job)).text).toBe(contents.map(sumOf).join(""));
  const crossed = bytes() - before;
  // The coordinator itself reads it, for its digest: Swift asks all replicas for the newest, and
  // those that are not taken have sent some of it by then.
  const copies = 2 * cluster.nodes.length;
  expect(crossed).toBeGreaterThan(program.length);
  expect(crossed).toBeLessThan(copies * program.length + 3 * OBJECTS * SESSION_BYTES);
});
