import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startClientBehindFront } from "../../../test/support/client-behind-front.ts";
import { end, type FaultyFront } from "../../../test/support/faulty-front.ts";
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

async function put(text: string, segmentBytes: number, object = "big") {
  return await client.put("c", object, Buffer.from(text), { segmentBytes });
}

async function names(container: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of client.objects(container)) found.push(name);
  return found;
}

async function read(object = "big"): Promise<string> {
  let text = "";
  for await (const piece of (await client.get("c", object)).read()) text += Buffer.from(piece);
  return text;
}

test("segments of what is replaced go, whatever replaces it", async () => {
  await put("0123456789", 5);
  await put("012345678", 3);
  const own = ["big/slo/9/3/00000000", "big/slo/9/3/00000001", "big/slo/9/3/00000002"];
  expect([await names("c_segments"), await read()]).toEqual([own, "012345678"]);
  await put("ABCDEFGHI", 3);
  expect([await names("c_segments"), await read()]).toEqual([own, "ABCDEFGHI"]);
  expect(await put("small", 5)).not.toHaveProperty("leftOver");
  expect([await names("c_segments"), await read()]).toEqual([[], "small"]);
  await put("0123456789", 5);
  await client.putStream("c", "big", (await client.get("c", "big")).read());
  expect([await names("c_segments"), await read()]).toEqual([[], "0123456789"]);
});

test("what a manifest names of others stays", async () => {
  await put("0123456789", 5, "other");
  await put("0123456789", 5, "big/slo/other");
  await put("0123456789", 5);
  const { token, storageUrl } = await client.access();
  const shared = ["other/slo/10/5/00000000", "big/slo/other/slo/10/5/00000000"];
  const lines = [...shared, "big/slo/10/5/00000001"].map((name) => `/c_segments/${name}`);
  await client.put("c", "elsewhere", Buffer.from("x"));
  const answer = await fetch(`${storageUrl}/c/big?multipart-manifest=put`, {
    method: "PUT",
    headers: { "X-Auth-Token": token },
    body: JSON.stringify([...lines, "/c/elsewhere"].map((path) => ({ path }))),
  });
  expect(answer.status).toBe(201);
  await put("small", 5);
  expect(await names("c")).toEqual(["big", "big/slo/other", "elsewhere", "other"]);
  expect(await names("c_segments")).toEqual([
    "big/slo/10/5/00000000",
    "big/slo/other/slo/10/5/00000000",
    "big/slo/other/slo/10/5/00000001",
    "other/slo/10/5/00000000",
    "other/slo/10/5/00000001",
  ]);
});

test("segments that cannot be removed are told of, and the object is stored", async () => {
  await put("0123456789", 5);
  front.intercept = ({ method }, response) => {
    if (method !== "DELETE") return false;
    end(response, 403, {}, "never");
    return true;
  };
  expect(await put("small", 5)).toMatchObject({
    sizeBytes: 5,
    leftOver: {
      segments: ["c_segments/big/slo/10/5/00000000", "c_segments/big/slo/10/5/00000001"],
      reason: expect.stringContaining("was answered with 403: never"),
    },
  });
  expect(await read()).toBe("small");
});

test("a put that fails leaves what is there as it was, and the next one goes on with it", async () => {
  await put("0123456789", 5);
  front.intercept = ({ method, url }, response) => {
    if (method !== "PUT" || !url.endsWith("2")) return false;
    // Segments go side by side: the other two are there before this one is refused.
    const stored = async () => expect(await names("c_segments")).toHaveLength(4);
    void vi.waitFor(stored, { timeout: 10_000 }).then(() => end(response, 507, {}, ""));
    return true;
  };
  await expect(put("ABCDEFGHI", 3)).rejects.toMatchObject({ status: 507 });
  expect(await read()).toBe("0123456789");
  front.intercept = () => false;
  front.arrived.length = 0;
  await put("ABCDEFGHI", 3);
  const sent = front.lines.filter((line) => /^PUT .*\/slo\//.test(line));
  expect(sent).toEqual([expect.stringMatching(/\/9\/3\/00000002$/)]);
  expect([await names("c_segments"), await read()]).toEqual([
    ["big/slo/9/3/00000000", "big/slo/9/3/00000001", "big/slo/9/3/00000002"],
    "ABCDEFGHI",
  ]);
});
