/** Requests that somebody in between passed on, at a socket of this machine. */
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { ExchangeServer } from "./index.ts";

const temporaryFolder = temporaryFolders();

let server: ExchangeServer;
let path: string;

beforeEach(async () => {
  path = join(temporaryFolder(), "requests");
  server = new ExchangeServer({
    identify: async () => "unknown",
    arrive: ({ headers }) => {
      const transaction = String(headers["x-first-transaction"]);
      const client = String(headers["x-first-client"]);
      delete headers["x-first-transaction"];
      delete headers["x-first-client"];
      return { transaction, client, target: "/v1/first?a=1" };
    },
    handlers: [
      async (exchange) => {
        if (exchange.method !== "POST") return false;
        const { client, transaction, rawPath, rawQuery } = exchange;
        const body = (await exchange.wholeBody({ bytes: 10, of: "It" })).toString();
        const names = Object.keys(exchange.headersWith("x-"));
        const told = { client, transaction, rawPath, rawQuery, body, names };
        await exchange.answer(200, {}, JSON.stringify(told));
        return true;
      },
    ],
  });
  await server.listenAt(path);
});

afterEach(async () => await server.close());

async function send(method: string, body: string | undefined) {
  const headers = {
    "X-First-Transaction": "tx1",
    "X-First-Client": "10.0.0.1",
    "X-Own": "o",
    ...(body === undefined ? {} : { Expect: "100-continue", "Transfer-Encoding": "chunked" }),
  };
  return await new Promise<{ status: number; name: unknown; text: string }>((resolve, reject) => {
    const options = { socketPath: path, method, path: "/passed", headers, agent: false };
    const sent = request(options, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        resolve({ status: answer.statusCode ?? 0, name: answer.headers["x-trans-id"], text });
      });
    });
    sent.on("error", reject);
    if (body === undefined) sent.end();
    else sent.on("continue", () => sent.end(body)).flushHeaders();
  });
}

it("have the name, client and path that they had at first, and none of the headers for that", async () => {
  const { status, name, text } = await send("POST", "hello");
  expect([status, name, JSON.parse(text)]).toEqual([
    200,
    "tx1",
    {
      client: "10.0.0.1",
      transaction: "tx1",
      rawPath: "/v1/first",
      rawQuery: "a=1",
      body: "hello",
      names: ["own"],
    },
  ]);
});

it("that nobody answers are told that nothing is there", async () => {
  expect(await send("GET", undefined)).toMatchObject({ status: 404, name: "tx1" });
});
