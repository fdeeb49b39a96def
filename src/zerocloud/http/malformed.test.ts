/** What is no request, behind one that is. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { BareClient } from "../../../test/support/bare-client.ts";
import { FreshServer } from "../../../test/support/http-client.ts";

let server: FreshServer;

beforeAll(async () => {
  server = await FreshServer.start();
});

afterAll(async () => {
  await server.close();
});

const PUT = "PUT /v1/a/c/o HTTP/1.1\r\nHost: h\r\nX-Auth-Token: a\r\n";

/** The statuses of all answers to these packets. */
async function statusesOf(...packets: readonly string[]): Promise<string[]> {
  const client = await BareClient.open(server.port);
  for (const packet of packets) {
    client.socket.write(packet, "latin1");
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (await client.answer).match(/(?<=^HTTP\/1\.1 )\d+/gm) ?? [];
}

it("a body that nothing announced leaves the answer to its request alone", async () => {
  expect(await statusesOf(`${PUT}\r\nthis is a body`)).toEqual(["411", "400"]);
  expect(await statusesOf(`${PUT}\r\n`, "this is a body")).toEqual(["411", "400"]);
});

it("requests sent ahead of it are all answered, in their order", async () => {
  const [none, good] = ["none", "a/c"].map(
    (path) => `HEAD /v1/${path} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: a\r\n\r\n`,
  );
  expect(await statusesOf(`${good}${none}${good}\0\0`, "\0")).toEqual(["204", "403", "204", "400"]);
});

it.each(["gzip, chunked", "gzip,chunked"])("a body in the coding %s is refused", async (coding) => {
  const head = `${PUT}Transfer-Encoding: ${coding}\r\n\r\n`;
  for (const body of ["not in chunks", "5\r\nhello\r\n0\r\n\r\n"]) {
    expect((await statusesOf(head + body))[0]).toBe("501");
  }
  expect((await server.send("HEAD", "/v1/a/c/o")).status).toBe(404);
});

it("a body in broken chunks ends its request at once", async () => {
  expect(await statusesOf(`${PUT}Transfer-Encoding: chunked\r\n\r\nhello`)).toEqual(["400"]);
});
