import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { ClientBehindFront } from "../../../test/support/client-behind-front.ts";
import { end } from "../../../test/support/faulty-front.ts";

const here = new ClientBehindFront();

async function put(text: string, segmentBytes: number, object = "big") {
  return await here.put(text, { segmentBytes }, object);
}

/** Names of the segments of bytes that a test put. */
function segmentsOf(text: string, segmentBytes: number, object = "big"): string[] {
  const version = createHash("md5").update(text).digest("hex");
  const count = Math.ceil(text.length / segmentBytes);
  const prefix = `${object}/slo/${version}/${text.length}/${segmentBytes}`;
  return Array.from({ length: count }, (_, at) => `${prefix}/0000000${at}`);
}

test("segments of what is replaced go, whatever replaces it", async () => {
  await put("0123456789", 5);
  for (const text of ["012345678", "ABCDEFGHI"]) {
    await put(text, 3);
    expect([await here.names("c_segments"), await here.read()]).toEqual([
      segmentsOf(text, 3),
      text,
    ]);
  }
  expect(await put("small", 5)).not.toHaveProperty("leftOver");
  expect([await here.names("c_segments"), await here.read()]).toEqual([[], "small"]);
  await put("0123456789", 5);
  await here.client.putStream("c", "big", (await here.client.get("c", "big")).read());
  expect([await here.names("c_segments"), await here.read()]).toEqual([[], "0123456789"]);
});

test("what a manifest names of others stays", async () => {
  await put("0123456789", 5, "other");
  await put("0123456789", 5, "big/slo/other");
  await put("0123456789", 5);
  const { token, storageUrl } = await here.client.access();
  const [other, within, own] = ["other", "big/slo/other", "big"].map((object) => {
    return segmentsOf("0123456789", 5, object);
  });
  const lines = [other?.[0], within?.[0], own?.[1]].map((name) => `/c_segments/${name}`);
  await here.client.put("c", "elsewhere", Buffer.from("x"));
  const answer = await fetch(`${storageUrl}/c/big?multipart-manifest=put`, {
    method: "PUT",
    headers: { "X-Auth-Token": token },
    body: JSON.stringify([...lines, "/c/elsewhere"].map((path) => ({ path }))),
  });
  expect(answer.status).toBe(201);
  await put("small", 5);
  expect(await here.names("c")).toEqual(["big", "big/slo/other", "elsewhere", "other"]);
  const left = [own?.[0], ...(within ?? []), ...(other ?? [])];
  expect(await here.names("c_segments")).toEqual(left.toSorted());
});

test("segments that cannot be removed are told of, and the object is stored", async () => {
  await put("0123456789", 5);
  here.front.intercept = ({ method }, response) => {
    if (method !== "DELETE") return false;
    end(response, 403, {}, "never");
    return true;
  };
  expect(await put("small", 5)).toMatchObject({
    sizeBytes: 5,
    leftOver: {
      segments: segmentsOf("0123456789", 5).map((name) => `c_segments/${name}`),
      reason: expect.stringContaining("was answered with 403: never"),
    },
  });
  expect(await here.read()).toBe("small");
});

test("a put that fails leaves what is there as it was, and the next one goes on with it", async () => {
  await put("0123456789", 5);
  here.front.intercept = ({ method, url }, response) => {
    if (method !== "PUT" || !url.endsWith("2")) return false;
    // Segments go side by side: the other two are there before this one is refused.
    const stored = async () => expect(await here.names("c_segments")).toHaveLength(4);
    void vi.waitFor(stored, { timeout: 10_000 }).then(() => end(response, 507, {}, ""));
    return true;
  };
  await expect(put("ABCDEFGHI", 3)).rejects.toMatchObject({ status: 507 });
  expect(await here.read()).toBe("0123456789");
  here.front.intercept = () => false;
  here.front.arrived.length = 0;
  await put("ABCDEFGHI", 3);
  const sent = here.front.lines.filter((line) => /^PUT .*\/slo\//.test(line));
  expect(sent).toEqual([expect.stringMatching(/\/9\/3\/00000002$/)]);
  const there = [segmentsOf("ABCDEFGHI", 3), "ABCDEFGHI"];
  expect([await here.names("c_segments"), await here.read()]).toEqual(there);
});
