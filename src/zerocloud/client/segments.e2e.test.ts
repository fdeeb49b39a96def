import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { ClientBehindFront } from "../../../test/support/client-behind-front.ts";
import type { Arrived } from "../../../test/support/faulty-front.ts";
import { ZvmError } from "../../base/index.ts";
import type { UploadSource } from "./index.ts";

const here = new ClientBehindFront();

const BYTES = "0123456789abcdefghij";
const OPTIONS = { segmentBytes: 2 };

const isSegment = ({ method, url }: Pick<Arrived, "method" | "url">): boolean =>
  method === "PUT" && url.includes("/slo/");

const numberOf = (url: string): number => Number(/\/(\d{8})(?:\.1)?$/.exec(url)?.[1]);

/** Numbers of the segments that were sent since the last look. */
function sent(): number[] {
  const numbers = here.front.arrived.filter(isSegment).map(({ url }) => numberOf(url));
  here.front.arrived.length = 0;
  return numbers.toSorted((one, other) => one - other);
}

/** A text that says of itself that it is of this version. */
function source(text: string, version: string): UploadSource {
  return {
    sizeBytes: text.length,
    version,
    async *read(start, size) {
      yield Buffer.from(text.slice(start, start + size));
    },
  };
}

/** Segments from this one on come to nothing. */
function refuseFrom(first: number): void {
  here.front.intercept = (request, response) => {
    if (!isSegment(request) || numberOf(request.url) < first) return false;
    response.writeHead(507);
    response.end();
    return true;
  };
}

/** An attempt that stores six segments, one after another, and then fails. */
async function failAtSix(what: string | UploadSource = BYTES): Promise<void> {
  refuseFrom(6);
  const failed = here.put(what, { ...OPTIONS, parallel: 1 });
  await expect(failed).rejects.toMatchObject({ status: 507 });
  expect(sent()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  here.front.intercept = () => false;
}

test("so many segments are sent at a time, and no more", async () => {
  const held: [Arrived, ServerResponse][] = [];
  here.front.intercept = (request, response) => {
    if (!isSegment(request)) return false;
    held.push([request, response]);
    return true;
  };
  const putting = here.put(BYTES, { ...OPTIONS, parallel: 3 });
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
  const put = await here.put(BYTES, { ...OPTIONS, onProgress });
  expect(put).toMatchObject({ sizeBytes: 20, segments: 10 });
  expect(sent()).toEqual([6, 7, 8, 9]);
  expect([seen.toSorted((one, other) => one - other), seen.at(-1)]).toEqual([seen, 20]);
  expect(await here.read()).toBe(BYTES);
});

test("a segment with other bytes of the same size is sent again", async () => {
  await failAtSix(source(BYTES, "1"));
  const changed = BYTES.replace("45", "XX");
  await here.put(source(changed, "1"), OPTIONS);
  expect(sent()).toEqual([2, 6, 7, 8, 9]);
  expect(await here.read()).toBe(changed);
});

test.each([
  ["of its own", "2.5"],
  ["of the same version", "1.5"],
])("bytes %s never go over segments that an object has", async (_, version) => {
  await here.put(source(BYTES, "1.5"), { ...OPTIONS, parallel: 1 });
  sent();
  const changed = BYTES.toUpperCase();
  const next = source(changed, version);
  refuseFrom(8);
  await expect(here.put(next, { ...OPTIONS, parallel: 1 })).rejects.toMatchObject({ status: 507 });
  expect(await here.read()).toBe(BYTES);
  here.front.intercept = () => false;
  sent();
  await here.put(next, OPTIONS);
  // Digits are the same in upper case: of one version they are not sent at all.
  expect(sent()).toEqual([8, 9]);
  expect(await here.read()).toBe(changed);
  expect(await here.names("c_segments")).toHaveLength(10);
});

test("segments of bytes without a version are gone on with, by their digest", async () => {
  const { version: _, ...bare } = source(BYTES, "");
  await failAtSix(bare);
  await here.put(bare, OPTIONS);
  expect(sent()).toEqual([6, 7, 8, 9]);
  const prefix = `big/slo/${createHash("md5").update(BYTES).digest("hex")}/20/2/`;
  expect((await here.names("c_segments"))[0]).toBe(`${prefix}00000000`);
});

test("the first failure ends the others, and nothing goes on behind it", async () => {
  refuseFrom(2);
  await expect(here.put(BYTES, OPTIONS)).rejects.toMatchObject({ status: 507 });
  // What was under way may still arrive.
  await new Promise((go) => setTimeout(go, 200));
  expect(here.front.lines.filter((line) => line.includes("multipart-manifest"))).toEqual([]);
  expect(Math.max(...sent())).toBeLessThan(6);
});

test("where nobody may look at what is there, all of it is sent", async () => {
  await here.put(BYTES, OPTIONS);
  sent();
  here.front.intercept = ({ method, url }, response) => {
    if (method !== "GET" || !url.includes("c_segments?")) return false;
    response.writeHead(403);
    response.end();
    return true;
  };
  await here.put(BYTES, OPTIONS);
  expect(sent()).toHaveLength(10);
});

test("a number of segments at a time that is none is said to be", async () => {
  for (const parallel of [0, -1, 1.5, Number.NaN, 65]) {
    const refused = here.put(BYTES, { ...OPTIONS, parallel });
    await expect(refused).rejects.toMatchObject({
      code: "ZVM_USAGE",
      message: `The option parallel is a whole number from 1 to 64, not ${parallel}`,
    });
  }
});

test.each([
  ["in one piece", {}],
  ["in segments", OPTIONS],
])(
  "a source that is another when its last bytes were read is not stored %s",
  async (_, options) => {
    await here.put("before");
    let left = BYTES.length;
    const changing: UploadSource = {
      ...source(BYTES, "1"),
      judgeUnchanged: () => {
        if (left === 0) throw new ZvmError("ZVM_CLIENT_CHANGED", "It was changed");
      },
      async *read(start, size) {
        for (const at of [start, start + size / 2]) {
          left -= size / 2;
          yield Buffer.from(BYTES.slice(at, at + size / 2));
        }
      },
    };
    const put = here.put(changing, { ...options, parallel: 1 });
    await expect(put).rejects.toMatchObject({ code: "ZVM_CLIENT_CHANGED" });
    expect([await here.read(), await here.names("c")]).toEqual(["before", ["big"]]);
    if (options === OPTIONS) expect(await here.names("c_segments")).toEqual([]);
  },
);
