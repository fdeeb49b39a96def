/**
 * `zerovm serve` is killed at a random moment while clients put, overwrite, copy, delete and post,
 * again and again on one store. Each time, what was acknowledged has to be there whole, what was
 * begun there whole or not at all, and the next start ready at once.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CloudProcess } from "../../../test/support/cloud-process.ts";
import { zerovmOutput } from "../../../test/support/command-line.ts";
import type { Answer } from "../../../test/support/http-client.ts";
import {
  bytesOfStep,
  digestsOfLarge,
  LANES,
  Lanes,
  md5Of,
  nameOfStep,
  SEGMENT_CONTAINER,
  SEGMENTS,
  STEP_HEADER,
  seenAs,
  segmentsOfStep,
  stepKind,
} from "../../../test/support/store-steps.ts";
import { type CheckFinding, checkStore } from "../store/index.ts";

const ROUNDS = Number(process.env["ZEROVM_SERVER_KILLS"] ?? 3);
const LONGEST_MS = 600;
const READY_MS_MAX = 2000;
const LARGE = digestsOfLarge();

let data: string;
let cloud: CloudProcess;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "zerovm-kills-"));
});

afterAll(async () => {
  await cloud?.kill();
  await rm(data, { recursive: true, force: true });
});

/** The request that a step is. */
function request(cloud: CloudProcess, lane: number, step: number): Promise<Answer> {
  const path = `/c/${encodeURI(nameOfStep(lane, step))}`;
  const headers = { [STEP_HEADER]: String(step) };
  switch (stepKind(lane, step)) {
    case "put":
      return cloud.send("PUT", path, { headers, body: bytesOfStep(lane, step) });
    case "large": {
      const segments = segmentsOfStep(lane, step).map((index) => {
        return { path: `/${SEGMENT_CONTAINER}/${index}` };
      });
      const body = JSON.stringify(segments);
      return cloud.send("PUT", `${path}?multipart-manifest=put`, { headers, body });
    }
    case "remove":
      return cloud.send("DELETE", path);
    case "copy": {
      const from = `/c/${encodeURI(nameOfStep(lane, step - 1))}?multipart-manifest=get`;
      return cloud.send("COPY", from, { headers: { Destination: path.slice(1) } });
    }
    case "post":
      return cloud.send("POST", path, { headers });
  }
}

/** Works in a lane until the server is gone. @returns steps that were acknowledged */
async function work(cloud: CloudProcess, lanes: Lanes, lane: number, from: number) {
  for (let step = from; ; step += 1) {
    lanes.begin(lane, step);
    const answer = await request(cloud, lane, step).catch(() => undefined);
    if (answer === undefined) return step - from;
    const isMissing = answer.status === 404 && /remove|copy|post/.test(stepKind(lane, step));
    if (!isMissing && answer.status >= 300) throw new Error(`${answer.status} ${answer.body}`);
    lanes.done(lane);
  }
}

/** Reads all objects of the lanes, and judges that each has the bytes of its etag. */
async function readAll(cloud: CloudProcess): Promise<Map<string, string>> {
  const { body } = await cloud.send("GET", "/c?format=json");
  const objects = new Map<string, string>();
  for (const { name } of JSON.parse(body) as { name: string }[]) {
    const got = await cloud.send("GET", `/c/${encodeURI(name)}`);
    const etag = (got.headers.etag ?? "").replaceAll('"', "");
    const isLarge = got.headers["x-static-large-object"] !== undefined;
    expect(got.status).toBe(200);
    expect(md5Of(Buffer.from(got.body)), name).toBe(isLarge ? LARGE.get(etag) : etag);
    objects.set(name, seenAs(etag, String(got.headers[STEP_HEADER])));
  }
  return objects;
}

/** However busy the machine is. */
const SWEPT_MS_MAX = 60_000;

async function findingsOf(folder: string): Promise<CheckFinding[]> {
  const findings: CheckFinding[] = [];
  await checkStore(folder, (finding) => findings.push(finding));
  return findings;
}

it(`loses nothing that it acknowledged, and shows nothing half, over ${ROUNDS} kills`, async () => {
  const lanes = new Lanes();
  const startsMs: number[] = [];
  const ownStartsMs: number[] = [];
  let steps = 0;
  cloud = await CloudProcess.start({ data });
  for (const path of ["/c", `/${SEGMENT_CONTAINER}`]) await cloud.send("PUT", path);
  for (const [index, body] of SEGMENTS.entries()) {
    await cloud.send("PUT", `/${SEGMENT_CONTAINER}/${index}`, { body });
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = lanes.nextStep;
    const working = Promise.all(
      Array.from({ length: LANES }, (_, lane) => work(cloud, lanes, lane, from)),
    );
    await pause(Math.random() * LONGEST_MS);
    await cloud.kill();
    steps += (await working).reduce((sum, count) => sum + count, 0);
    expect(await findingsOf(data)).toEqual([]);
    cloud = await CloudProcess.start({ data });
    startsMs.push(cloud.startMs);
    ownStartsMs.push(cloud.ownStartMs);
    expect(cloud.ownStartMs).toBeLessThan(READY_MS_MAX);
    expect(lanes.judge(await readAll(cloud))).toEqual([]);
  }
  await cloud.stop();
  // What kills left is swept beside other work, and by the next start where that was too short.
  let sweepMs = 500;
  const checkedLater = async (): Promise<unknown> => {
    cloud = await CloudProcess.start({ data });
    await pause(sweepMs);
    sweepMs *= 2;
    await cloud.stop();
    const said = await zerovmOutput(["store", "check", "--data", data, "--json"], { cwd: data });
    return JSON.parse(said);
  };
  await expect
    .poll(checkedLater, { timeout: SWEPT_MS_MAX })
    .toMatchObject({ findings: [], leftovers: 0 });
  expect(steps).toBeGreaterThan(ROUNDS);
  const sorted = startsMs.toSorted((a, b) => a - b);
  const [median, slowest] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const starts = `starts took ${median?.toFixed(0)} ms, the slowest ${slowest?.toFixed(0)} ms`;
  const own = `${Math.max(...ownStartsMs).toFixed(0)} ms without waits for a processor`;
  process.stdout.write(`${ROUNDS} kills, ${steps} steps acknowledged; ${starts}, ${own}\n`);
}, 7_200_000);
