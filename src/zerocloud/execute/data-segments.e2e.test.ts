/** Jobs over static large objects whose manifests have some of their bytes. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { COPYING_GUEST, writingGuest } from "../../../test/support/guests.ts";
import { JobServer } from "../../../test/support/job-server.ts";

let server: JobServer;

beforeAll(async () => {
  server = await JobServer.start();
  await server.put("cat", COPYING_GUEST);
});
afterAll(async () => await server.close());

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** Stores an object of which the bytes before `cut`, and those at the end, are in the manifest. */
async function putCut(object: string, bytes: Uint8Array, cut: number, endBytes: number) {
  const end = bytes.length - endBytes;
  await server.put(`${object}/1`, bytes.subarray(cut, end));
  const data = (part: Uint8Array) => ({ data: Buffer.from(part).toString("base64") });
  const [first, last] = [data(bytes.subarray(0, cut)), data(bytes.subarray(end))];
  const body = JSON.stringify([first, { path: `/c/${object}/1` }, last]);
  const path = `/v1/a/c/${object}?multipart-manifest=put`;
  expect((await server.http.send("PUT", path, { body })).status).toBe(201);
}

test("a program reads the bytes of the manifest and those of the segments in their order", async () => {
  await putCut("o", Buffer.from("<<alpha->>"), 2, 3);
  const devices = [{ name: "stdin", path: "swift://~/c/o" }, { name: "stdout" }];
  const read = await server.run([{ program: "c/cat", devices }]);
  expect(read).toMatchObject({ status: 200, body: "<<alpha->>" });
  expect((await server.http.send("GET", "/v1/a/c/o")).body).toBe(read.body);
});

test("programs and images of such pieces run", async () => {
  await putCut("program", writingGuest("hello"), 8, 5);
  expect(await server.run([{ program: "c/program" }])).toMatchObject({
    status: 200,
    body: "hello",
  });
  const tar = craftedTar([{ name: "bin/hi", contents: latin1(writingGuest("hi")) }]);
  await putCut("image.tar", tar, 512, 1024);
  const devices = [{ name: "image", path: "swift://~/c/image.tar" }, { name: "stdout" }];
  const ran = await server.run([{ program: "file://image:bin/hi", devices }]);
  expect(ran).toMatchObject({ status: 200, body: "hi" });
});
