import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startClientBehindFront } from "../../../test/support/client-behind-front.ts";
import type { Arrived, FaultyFront } from "../../../test/support/faulty-front.ts";
import { ServedCloud } from "../../../test/support/served-cloud.ts";
import type { SwiftClient } from "./index.ts";

let cloud: ServedCloud;
let front: FaultyFront;
let client: SwiftClient;

beforeAll(async () => {
  cloud = await ServedCloud.start();
});
afterAll(async () => {
  await cloud.stop();
});

beforeEach(async () => {
  ({ front, client } = await startClientBehindFront(cloud));
});
afterEach(async () => {
  client.close();
  await front.close();
});

const BYTES = Buffer.from("0123456789abcdefghij");
const OPTIONS = { segmentBytes: 2 };

const isSegment = ({ method, url }: Pick<Arrived, "method" | "url">): boolean =>
  method === "PUT" && url.includes("/slo/");

/** Numbers of the segments that were sent since the last look. */
function sent(): number[] {
  const numbers = front.arrived.filter(isSegment).map(({ url }) => Number(url.slice(-8)));
  front.arrived.length = 0;
  return numbers.toSorted((one, other) => one - other);
}

async function read(): Promise<string> {
  let text = "";
  for await (const piece of (await client.get("c", "big")).read()) text += Buffer.from(piece);
  return text;
}

/** Segments from this one on come to nothing. */
function refuseFrom(first: number): void {
  front.intercept = (request, response) => {
    if (!isSegment(request) || Number(request.url.slice(-8)) < first) return false;
    response.writeHead(507);
    response.end();
    return true;
  };
}

/** An attempt that stores six segments, one after another, and then fails. */
async function failAtSix(): Promise<void> {
  refuseFrom(6);
  const failed = client.put("c", "big", BYTES, { ...OPTIONS, parallel: 1 });
  await expect(failed).rejects.toMatchObject({ status: 507 });
  expect(sent()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  front.intercept = () => false;
}

test("so many segments are sent at a time, and no more", async () => {
  const held: [Arrived, ServerResponse][] = [];
  front.intercept = (request, response) => {
    if (!isSegment(request)) return false;
    held.push([request, response]);
    return true;
  };
  const putting = client.put("c", "big", BYTES, { ...OPTIONS, parallel: 3 });
  for (let done = 0; done < 10; ) {
    await expect.poll(() => held.length).toBe(Math.min(3, 10 - done));
    await new Promise((go) => setTimeout(go, 50));
    expect(held.length).toBe(Math.min(3, 10 - done));
    const [request, response] = held.shift() ?? [];
    const etag = createHash("md5")
      .update(request?.body ?? "")
      .digest("hex");
    response?.writeHead(201, { ETag: etag });
    response?.end();
    done += 1;
  }
  // The server never got them.
  await expect(putting).rejects.toMatchObject({ status: 400 });
});

test("what an attempt stored is not sent by the next one, and counts as done", async () => {
  await failAtSix();
  const seen: number[] = [];
  const onProgress = (bytes: number): void => void seen.push(bytes);
  const put = await client.put("c", "big", BYTES, { ...OPTIONS, onProgress });
  expect(put).toMatchObject({ sizeBytes: 20, segments: 10 });
  expect(sent()).toEqual([6, 7, 8, 9]);
  expect([seen.toSorted((one, other) => one - other), seen.at(-1)]).toEqual([seen, 20]);
  expect(await read()).toBe(BYTES.toString());
});

test("a segment with other bytes of the same size is sent again", async () => {
  await failAtSix();
  const changed = Buffer.from(BYTES);
  changed.write("XX", 4);
  await client.put("c", "big", changed, OPTIONS);
  expect(sent()).toEqual([2, 6, 7, 8, 9]);
  expect(await read()).toBe(changed.toString());
});

test("the first failure ends the others, and nothing goes on behind it", async () => {
  refuseFrom(2);
  await expect(client.put("c", "big", BYTES, OPTIONS)).rejects.toMatchObject({ status: 507 });
  // What was under way may still arrive.
  await new Promise((go) => setTimeout(go, 200));
  expect(front.lines.filter((line) => line.includes("multipart-manifest"))).toEqual([]);
  expect(Math.max(...sent())).toBeLessThan(6);
});

test("where nobody may look at what is there, all of it is sent", async () => {
  await client.put("c", "big", BYTES, OPTIONS);
  sent();
  front.intercept = ({ method, url }, response) => {
    if (method !== "GET" || !url.includes("c_segments?")) return false;
    response.writeHead(403);
    response.end();
    return true;
  };
  await client.put("c", "big", BYTES, OPTIONS);
  expect(sent()).toHaveLength(10);
});

test("a number of segments at a time that is none is said to be", async () => {
  for (const parallel of [0, -1, 1.5, Number.NaN, 65]) {
    const refused = client.put("c", "big", BYTES, { ...OPTIONS, parallel });
    await expect(refused).rejects.toMatchObject({
      code: "ZVM_USAGE",
      message: `The option parallel is a whole number from 1 to 64, not ${parallel}`,
    });
  }
});
