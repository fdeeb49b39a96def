/** What is no request, behind one that is. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

describe("what is malformed is said in plain words", () => {
  const GET = "GET /v1/a HTTP/1.1\r\nHost: h\r\n";
  const CHUNKS = `${PUT}Transfer-Encoding: chunked\r\n\r\n`;

  it.each([
    [
      "no method",
      "BREW /pot HTTP/1.1\r\n\r\n",
      "400",
      "begins with no method of HTTP: it is METHOD",
    ],
    ["a blank in the path", "GET /a b HTTP/1.1\r\n\r\n", "400", "a blank in a path is written %20"],
    ["a control character in the path", "GET /\x01 HTTP/1.1\r\n\r\n", "400", "has to be escaped"],
    ["another version", "GET / HTTP/3.7\r\n\r\n", "400", "neither 1.0 nor 1.1"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400", "HTTP/2 is not spoken here"],
    ["a header without a colon", `${GET}no colon\r\n\r\n`, "400", "a colon follows it at once"],
    ["a control character in a header", `${GET}A: \x01\r\n\r\n`, "400", "without control char"],
    ["a length that is none", `${PUT}Content-Length: abc\r\n\r\n`, "400", "is no number of bytes"],
    ["two lengths", `${PUT}Content-Length: 1\r\nContent-Length: 2\r\n\r\na`, "400", "comes twice"],
    ["a chunk without a size", `${CHUNKS}hello`, "400", "begin with its size in hexadecimal"],
    ["a chunk of another size", `${CHUNKS}1\r\nabc`, "400", "another size than it says"],
    [
      "large headers",
      `${GET}A: ${"x".repeat(70_000)}\r\n\r\n`,
      "431",
      "have more than 65536 bytes",
    ],
    ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "400", "CONNECT is for proxies"],
  ])("%s", async (_name, packet, status, text) => {
    const client = await BareClient.open(server.port);
    client.socket.write(packet, "latin1");
    const answer = await client.answer;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.split("\r\n\r\n")[1]).toContain(text);
  });
});
