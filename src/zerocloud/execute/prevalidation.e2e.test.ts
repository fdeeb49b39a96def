import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assembledNexe } from "../../../test/support/assembled-nexe.ts";
import { writingGuest } from "../../../test/support/guests.ts";
import type { Answer } from "../../../test/support/http-client.ts";
import { JobServer } from "../../../test/support/job-server.ts";
import { writingNexe } from "../../../test/support/nexe-text.ts";

const NEXE = { "Content-Type": "application/x-nexe" };
const VALIDATE = { "X-Zerovm-Validate": "1" };
/** Writes `ok`, where `0x6b6f` are its letters. */
const VALID = assembledNexe(writingNexe("movl $0x6b6f, out(%rip)", 2));
/** The same with a system call of the host in it. */
const INVALID = assembledNexe(writingNexe(".byte 0x0f, 0x05\nmovl $0x6b6f, out(%rip)", 2));

let server: JobServer;

beforeAll(async () => {
  server = await JobServer.start();
});
afterAll(async () => await server.close());

type Headers = Readonly<Record<string, string>>;

async function put(object: string, body: string | Uint8Array, headers: Headers = NEXE) {
  return await server.http.send("PUT", `/v1/a/c/${object}`, { body, headers });
}

const markOf = ({ headers }: Answer) => headers["x-zerovm-valid"];

/** What the server says of an object when it is asked. */
async function mark(object: string): Promise<unknown> {
  const headers = { "X-Zerovm-Valid": "anything" };
  const [got, head] = await Promise.all(
    ["GET", "HEAD"].map((method) => server.http.send(method, `/v1/a/c/${object}`, { headers })),
  );
  expect(got?.headers["x-zerovm-valid"]).toBe(head?.headers["x-zerovm-valid"]);
  return got?.headers["x-zerovm-valid"];
}

/** Status, validation, and body of a job that is the object. */
async function ran(object: string, headers: Headers = {}): Promise<readonly unknown[]> {
  const answer = await server.run([{ program: `c/${object}` }], { headers });
  return [answer.status, answer.headers["x-nexe-validation"], answer.body];
}

describe("prevalidate: a program is judged when it is stored", () => {
  test("by its type, and what was found is told to who asks", async () => {
    const stored = await put("ok.nexe", VALID);
    expect([stored.status, markOf(stored)]).toEqual([201, "true"]);
    expect(await mark("ok.nexe")).toBe("true");
    expect(markOf(await server.http.send("GET", "/v1/a/c/ok.nexe"))).toBeUndefined();
  });

  test("execute prevalidated: a run skips what the upload did (2), others do not (0)", async () => {
    expect(await ran("ok.nexe")).toEqual([200, "2", "ok"]);
    await put("plain", VALID, { "Content-Type": "text/plain" });
    expect(await ran("plain")).toEqual([200, "0", "ok"]);
    const headers = { "X-Zerovm-Execute": "open/1.0" };
    const opened = await server.http.send("GET", "/v1/a/c/ok.nexe", { headers });
    expect(opened.headers["x-nexe-validation"]).toBe("2");
  });

  test("by its type where the name tells it, or because the request asks", async () => {
    expect(markOf(await put("named.nexe", VALID, {}))).toBe("true");
    expect(markOf(await put("unasked", VALID, {}))).toBeUndefined();
    expect(markOf(await put("asked", VALID, VALIDATE))).toBe("true");
    expect(markOf(await put("module", writingGuest("hi"), VALIDATE))).toBe("true");
    expect(await ran("module")).toEqual([200, "2", "hi"]);
  });

  test("invalid code is stored as well: 201 without the mark, and refused when it runs", async () => {
    for (const [name, body] of Object.entries({ INVALID, none: "no program", empty: "" })) {
      const stored = await put(name, body);
      expect([name, stored.status, markOf(stored)]).toEqual([name, 201, undefined]);
      expect(await mark(name)).toBeUndefined();
    }
    expect((await ran("INVALID")).slice(0, 2)).toEqual([500, "1"]);
  });

  test("the answer says why there is no mark: it is invalid, or was not judged", async () => {
    const told = ({ headers }: Answer) => headers["x-zerovm-validation"];
    expect(told(await put("INVALID", INVALID))).toMatch(
      /^invalid: swift:..a.c.INVALID: code at 0x/,
    );
    expect(told(await put("none", "no program"))).toMatch(
      /^invalid: swift:..a.c.none is no program/,
    );
    expect(told(await put("ok.nexe", VALID))).toBeUndefined();
    expect(told(await put("plain", INVALID, { "Content-Type": "text/plain" }))).toBeUndefined();
    const manifest = JSON.stringify([{ path: "/c/ok.nexe" }]);
    const large = await put("static?multipart-manifest=put", manifest);
    expect(told(large)).toBe("not judged: a large object is judged when it runs");
    const headers = { "X-Zerovm-Validate": "1" };
    const posted = await server.http.send("POST", "/v1/a/c/none", { headers });
    expect([posted.status, told(posted)]).toEqual([202, expect.stringMatching(/^invalid: /)]);
  });

  test("an overwrite clears what was found", async () => {
    await put("over", VALID);
    await put("over", VALID, { "Content-Type": "text/plain" });
    expect(await mark("over")).toBeUndefined();
    await put("over", VALID);
    await put("over", INVALID);
    expect(await mark("over")).toBeUndefined();
  });

  test("POST judges where it is asked or gives the type, and takes nothing of it away", async () => {
    const post = async (headers: Headers) =>
      await server.http.send("POST", "/v1/a/c/posted", { headers });
    await put("posted", VALID, { "Content-Type": "text/plain" });
    expect(markOf(await post({ "X-Object-Meta-A": "1" }))).toBeUndefined();
    expect(markOf(await post(NEXE))).toBe("true");
    await post({ "Content-Type": "text/plain", "X-Object-Meta-A": "2" });
    expect(await mark("posted")).toBe("true");
  });

  test("a copy is judged as any upload is", async () => {
    await put("source", VALID);
    const headers = { ...NEXE, Destination: "c/copy" };
    const copied = await server.http.send("COPY", "/v1/a/c/source", { headers });
    expect([copied.status, markOf(copied), await mark("copy")]).toEqual([201, "true", "true"]);
    const plain = { "Content-Type": "text/plain", "X-Copy-From": "c/source" };
    await server.http.send("PUT", "/v1/a/c/other", { headers: plain, body: "" });
    expect(await mark("other")).toBeUndefined();
  });
});

describe("no client makes a program count as valid", () => {
  const CLAIMS = {
    "X-Zerovm-Valid": "true",
    "X-Object-Meta-Validated": "true",
    "X-Object-Sysmeta-Validated": "true",
    Validated: "true",
  };

  test("by headers of uploads, posts, copies or jobs", async () => {
    const claims = { ...CLAIMS, "Content-Type": "text/plain" };
    await put("claimed", INVALID, claims);
    await server.http.send("POST", "/v1/a/c/claimed", { headers: { ...claims, ...VALIDATE } });
    const headers = { ...claims, Destination: "c/copied" };
    await server.http.send("COPY", "/v1/a/c/claimed", { headers });
    for (const name of ["claimed", "copied"]) {
      expect(await mark(name)).toBeUndefined();
      expect((await ran(name, CLAIMS)).slice(0, 2)).toEqual([500, "1"]);
    }
  });

  test("by making something else of an object that is valid", async () => {
    await put("parts/1", INVALID);
    await put("becomes", VALID);
    expect(await mark("becomes")).toBe("true");
    const headers = { "X-Object-Manifest": "c/parts/" };
    await server.http.send("POST", "/v1/a/c/becomes", { headers });
    expect(await mark("becomes")).toBeUndefined();
    expect((await ran("becomes")).slice(0, 2)).toEqual([500, "1"]);
    await put("dynamic", VALID, { ...NEXE, ...headers });
    expect(await mark("dynamic")).toBeUndefined();
    const segments = [{ path: "/c/parts/1" }];
    const manifest = JSON.stringify(segments);
    const path = "static?multipart-manifest=put";
    expect(markOf(await put(path, manifest, NEXE))).toBeUndefined();
    expect((await ran("static")).slice(0, 2)).toEqual([500, "1"]);
  });

  test("by a change of the object while it is judged", async () => {
    const rounds = Array.from({ length: 20 }, async (_, round) => {
      const body = round % 2 === 0 ? VALID : INVALID;
      await put("raced", body, { "Content-Type": round % 2 === 0 ? NEXE["Content-Type"] : "a/b" });
    });
    await Promise.all(rounds);
    const { body } = await server.http.send("GET", "/v1/a/c/raced");
    const isValid = body === Buffer.from(VALID).toString();
    expect(await mark("raced")).toBe(isValid ? "true" : undefined);
  });

  test("nor has who may only write the server judge for him", async () => {
    const acl = { "X-Container-Write": "b", "X-Container-Read": "b" };
    await server.http.send("POST", "/v1/a/c", { headers: acl });
    const sending = { body: VALID, headers: { ...NEXE, ...VALIDATE }, as: "b" };
    const stored = await server.http.send("PUT", "/v1/a/c/of-b", sending);
    expect([stored.status, markOf(stored)]).toEqual([201, undefined]);
    expect(stored.headers["x-zerovm-validation"]).toMatch(
      /^not judged: only for who may run jobs /,
    );
    expect(await ran("of-b")).toEqual([200, "0", "ok"]);
  });
});
