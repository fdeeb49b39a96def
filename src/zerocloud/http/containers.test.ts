import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FreshServer } from "../../../test/support/http-client.ts";

let server: FreshServer;

beforeAll(async () => {
  server = await FreshServer.start();
});

afterAll(async () => {
  await server.close();
});

describe("the thin path", () => {
  it("makes a container, stores, reads and lists", async () => {
    expect((await server.send("PUT", "/v1/a/thin")).status).toBe(201);
    expect((await server.send("PUT", "/v1/a/thin")).status).toBe(202);
    const put = await server.send("PUT", "/v1/a/thin/hello.txt", { body: "hello" });
    expect(put.status).toBe(201);
    expect(put.headers.etag).toBe("5d41402abc4b2a76b9719d911017c592");
    const got = await server.send("GET", "/v1/a/thin/hello.txt");
    expect(got).toMatchObject({ status: 200, body: "hello" });
    expect(got.headers).toMatchObject({
      "content-type": "text/plain",
      "content-length": "5",
      "accept-ranges": "bytes",
      "x-trans-id": expect.stringMatching(/^tx[0-9a-f]{21}-[0-9a-f]{10}$/),
    });
    expect(await server.send("GET", "/v1/a/thin")).toMatchObject({
      status: 200,
      body: "hello.txt\n",
    });
    expect((await server.send("DELETE", "/v1/a/thin")).status).toBe(409);
    expect((await server.send("DELETE", "/v1/a/thin/hello.txt")).status).toBe(204);
    expect((await server.send("DELETE", "/v1/a/thin")).status).toBe(204);
    expect((await server.send("GET", "/v1/a/thin")).status).toBe(404);
  });
});
