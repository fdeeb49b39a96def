import { afterAll, beforeAll, expect, it } from "vitest";
import { byteStringOf } from "../../../src/base/index.ts";
import { type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { craftedTar } from "../../support/crafted-tar.ts";
import { COPYING_GUEST, writingGuest } from "../../support/guests.ts";
import { JobSender } from "./job-sender.ts";

const BROUGHT_MAX = 2 ** 20;
/** More than all sockets on the way take, so that the worker refuses it in the middle. */
const LARGE = Buffer.alloc(30 * 2 ** 20, "0123456789abcdef");
const TOO_MUCH = `has more than the ${BROUGHT_MAX} bytes that may be brought to a worker`;

let cluster: SwiftCluster;
let tester: JobSender;
beforeAll(async () => {
  const config = `jobs: { broughtBytes: ${BROUGHT_MAX}, timeoutSeconds: 25 }\n`;
  cluster = await startCluster({ config });
  tester = new JobSender(cluster);
  for (const container of ["data", "bin"]) await tester.container(container);
  await tester.put("/bin/cat", COPYING_GUEST);
  await tester.put("/data/small", "a text");
  for (const object of ["large", "other"]) await tester.put(`/data/${object}`, LARGE);
});
afterAll(async () => {
  await cluster?.stop();
});

/** The next job runs. */
async function expectAsBefore(): Promise<void> {
  const devices = { stdin: tester.url("data/small"), stdout: undefined };
  const { status, text } = await tester.run("bin/cat", devices);
  expect({ status, text }).toEqual({ status: 200, text: "a text" });
}

it("refuses an image that is more than may be brought, in the middle of it", async () => {
  const job = [
    { name: "node", exec: { path: "file://image:bin/hello" }, devices: [{ name: "stdout" }] },
  ];
  const body = craftedTar([
    { name: "boot/system.map", contents: JSON.stringify(job) },
    { name: "bin/hello", contents: byteStringOf(writingGuest("hello")) },
    { name: "large", contents: LARGE.toString() },
  ]);
  const headers = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/x-tar" };
  const { status, text } = await tester.send("POST", "", { headers, body });
  expect({ status, text }).toEqual({ status: 413, text: expect.stringContaining(TOO_MUCH) });
  await expectAsBefore();
});

it("refuses an object that lies elsewhere, and reads the same one in place", async () => {
  const [other, large] = [tester.url("data/other"), tester.url("data/large")];
  // One of both is read where it lies.
  const { status, text } = await tester.run("bin/cat", { stdin: other, input: large });
  expect({ status, text }).toEqual({ status: 413, text: expect.stringContaining(TOO_MUCH) });
  const alone = await tester.run("bin/cat", { stdin: large, stdout: undefined });
  expect([alone.status, alone.text.length]).toEqual([200, LARGE.length]);
  await expectAsBefore();
});
