import { request } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FreshServer } from "../../../test/support/http-client.ts";
import { RequestShare } from "./request-share.ts";

/** The one path at which requests are answered at once. */
const QUICK = "/v1/a/quick";
let server: FreshServer;
/** Of the requests that wait. */
let answers: (() => void)[];

beforeEach(async () => {
  answers = [];
  const share = new RequestShare(2);
  server = await FreshServer.start({
    handlers: [
      (exchange) => share.handle(exchange),
      async (exchange) => {
        if (exchange.path !== QUICK) await new Promise<void>((resolve) => answers.push(resolve));
        await exchange.answer(200, {}, "");
        return true;
      },
    ],
  });
});
afterEach(async () => await server.close());

test.each(["a", ""])("requests of %j take only their share, and others are served", async (as) => {
  const waiting = [1, 2].map(() => server.send("GET", "/v1/a", { as }));
  await expect.poll(() => answers.length).toBe(2);
  const refused = await server.send("GET", "/v1/a", { as });
  expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "1"]);
  expect(refused.body).toContain("has as many requests under way as it may have");
  const other = server.send("GET", "/v1/a", { as: "b" });
  await expect.poll(() => answers.length).toBe(3);
  for (const answer of answers.splice(0)) answer();
  expect((await Promise.all([...waiting, other])).map(({ status }) => status)).toEqual([
    200, 200, 200,
  ]);
  const next = server.send("GET", "/v1/a", { as });
  await expect.poll(() => answers.length).toBe(1);
  answers[0]?.();
  expect((await next).status).toBe(200);
});

test.each(["GET", "HEAD", "PUT"])(
  "whose client goes away, its %s counts no more",
  async (method) => {
    const { port } = server;
    const headers = { "X-Auth-Token": "a", "Content-Length": 10 };
    const leaving = [1, 2].map(() => {
      const asked = request({ port, method, path: "/v1/a", headers, agent: false });
      asked.on("error", () => undefined);
      asked.flushHeaders();
      return asked;
    });
    await expect.poll(() => answers.length).toBe(2);
    const next = async () => (await server.send("GET", QUICK, { as: "a" })).status;
    expect(await next()).toBe(503);
    for (const asked of leaving) asked.destroy();
    await expect.poll(next).toBe(200);
    for (const answer of answers) answer();
  },
);
