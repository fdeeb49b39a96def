import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { end, FaultyFront } from "../../../test/support/faulty-front.ts";
import { ServedCloud } from "../../../test/support/served-cloud.ts";
import { ServiceError, type SessionOptions, SwiftClient } from "./index.ts";

let cloud: ServedCloud;
let front: FaultyFront;
let client: SwiftClient;

function clientWith(options: Partial<SessionOptions> = {}): SwiftClient {
  const { ST_AUTH: authUrl = "", ST_USER: user = "", ST_KEY: key = "" } = front.environment;
  const credentials = { kind: "v1", authUrl, user, key } as const;
  return new SwiftClient({ credentials, backOffMs: 1, ...options });
}

beforeAll(async () => {
  cloud = await ServedCloud.start();
});
afterAll(async () => {
  await cloud.stop();
});

beforeEach(async () => {
  front = new FaultyFront(cloud, cloud.freshUser());
  await front.listen();
  client = clientWith();
});

afterEach(async () => {
  client.close();
  await front.close();
});

/** Stores an object in a container of its own account, which is made. */
async function store(container: string, name: string, body: string | Buffer): Promise<void> {
  await client.createContainer(container);
  await client.put(container, name, Buffer.from(body), { contentType: "text/plain" });
  front.arrived.length = 0;
}

function md5(bytes: Buffer | string): string {
  return createHash("md5").update(bytes).digest("hex");
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await all(pieces)).toString();
}

async function failure(work: Promise<unknown>): Promise<ServiceError> {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof ServiceError) return error;
  throw new Error(`no ServiceError: ${String(error)}`);
}

describe("signing in", () => {
  it("asks once for a token, however many ask for it", async () => {
    await Promise.all([all(client.containers()), all(client.containers()), client.account()]);
    expect(front.lines.filter((line) => line.includes("auth"))).toEqual(["GET /auth/v1.0"]);
    expect(await client.account()).toBe(front.account);
  });

  it("asks anew where the token ran out, once", async () => {
    await all(client.containers());
    const old = front.arrived.at(-1)?.headers["x-auth-token"];
    front.intercept = ({ headers }, response) => {
      if (headers["x-auth-token"] !== old) return false;
      end(response, 401, {}, "it ran out");
      return true;
    };
    expect(await all(client.containers())).toEqual([]);
    expect(front.lines.filter((line) => line.includes("auth"))).toHaveLength(2);
    front.intercept = ({ url }, response) => {
      if (url.includes("auth")) return false;
      end(response, 401, {}, "no");
      return true;
    };
    expect((await failure(all(client.containers()))).code).toBe("ZVM_CLIENT_DENIED");
    expect(front.lines.filter((line) => line.includes("auth"))).toHaveLength(3);
  });

  it("says what the server said to a wrong key, and never the key", async () => {
    const credentials = {
      kind: "v1",
      authUrl: `${front.origin}/auth/v1.0`,
      user: "u",
      key: "hidden",
    } as const;
    const error = await failure(new SwiftClient({ credentials }).account());
    expect(error.message).toBe(
      `GET ${front.origin}/auth/v1.0 was answered with 401: The user or the key is wrong (transaction ${error.request.transactionId})`,
    );
    expect(JSON.stringify(error)).not.toContain("hidden");
  });

  it("uses a token that is given", async () => {
    const credentials = {
      kind: "token",
      storageUrl: `${front.origin}/v1/${front.account}/`,
      token: (await client.access()).token,
    } as const;
    const own = new SwiftClient({ credentials });
    expect(await all(own.containers())).toEqual([]);
    own.close();
    const expired = new SwiftClient({ credentials: { ...credentials, token: "AUTH_tknone" } });
    expect((await failure(all(expired.containers()))).status).toBe(401);
    expired.close();
  });
});

describe("listing", () => {
  it("asks for page after page, with names of all kinds", async () => {
    const names = ["a b", "a/ü?#&%25", "b", "c", "d", "e", "f"];
    for (const name of names) await store("c é", name, "1");
    const listed = await all(client.objects("c é", { prefix: "", pageSize: 3 }));
    expect(listed.map(({ name }) => name)).toEqual([...names].sort());
    expect(listed[0]).toEqual({
      kind: "object",
      name: "a b",
      bytes: 1,
      etag: md5("1"),
      contentType: "text/plain",
      lastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
    });
    expect(front.lines.filter((line) => line.includes("format=json"))).toHaveLength(4);
    expect(await all(client.containers())).toEqual([{ name: "c é", objects: 7, bytes: 7 }]);
  });

  it("ends with an error for a server that begins again, or sends no list", async () => {
    front.intercept = ({ url }, response) => {
      if (url.includes("auth")) return false;
      end(response, 200, {}, '[{"name":"a","count":1,"bytes":1}]');
      return true;
    };
    await expect(all(client.containers())).rejects.toThrow("A listing does not go on");
    for (const body of ["{}", "x", "[1]", '[{"name":1}]', '[{"name":"a","count":-1,"bytes":0}]']) {
      front.intercept = (_, response) => {
        end(response, 200, {}, body);
        return true;
      };
      await expect(all(client.containers())).rejects.toMatchObject({ code: "ZVM_CLIENT_ANSWER" });
    }
  });
});

describe("objects", () => {
  it("are put, told of, copied, changed and removed", async () => {
    await client.createContainer("c", { headers: { "X-Container-Read": ".r:*" } });
    const meta = { Colour: "grün" };
    const put = await client.put("c", "d/o é", Buffer.from("hello"), {
      contentType: "text/x",
      meta,
    });
    expect(put).toEqual({ etag: md5("hello"), sizeBytes: 5, segments: 0 });
    const stat = await client.stat("c", "d/o é");
    const told = { bytes: 5, contentType: "text/x", isLarge: false, meta: { colour: "grün" } };
    expect(stat).toMatchObject(told);
    await client.copy({ container: "c", object: "d/o é" }, { container: "c", object: "copy" });
    expect(await textOf((await client.get("c", "copy")).read())).toBe("hello");
    await client.postObject("c", "copy", { meta: { a: "1" } });
    expect((await client.stat("c", "copy")).meta).toEqual({ a: "1" });
    await client.delete("c", "copy");
    await client.delete("c", "d/o é");
    await client.deleteContainer("c");
    expect(await all(client.containers())).toEqual([]);
  });

  it("are compared with the digest of the server", async () => {
    await client.createContainer("c");
    front.intercept = ({ method }, response) => {
      if (method !== "PUT") return false;
      end(response, 201, { ETag: "0".repeat(32) }, "");
      return true;
    };
    await expect(client.put("c", "o", Buffer.from("x"))).rejects.toMatchObject({
      code: "ZVM_CLIENT_ETAG",
    });
    async function* stream() {
      yield Buffer.from("x");
    }
    await expect(client.putStream("c", "o", stream())).rejects.toMatchObject({
      code: "ZVM_CLIENT_ETAG",
    });
  });

  it("of unknown length are sent in pieces", async () => {
    await client.createContainer("c");
    async function* stream() {
      yield Buffer.from("ab");
      yield Buffer.from("c");
    }
    expect(await client.putStream("c", "o", stream())).toMatchObject({ sizeBytes: 3 });
    expect(front.arrived.at(-1)?.headers).toMatchObject({ "transfer-encoding": "chunked" });
    expect(await textOf((await client.get("c", "o")).read())).toBe("abc");
  });

  it("that are large are stored in segments with a manifest", async () => {
    await client.createContainer("c");
    const seen: number[] = [];
    const onProgress = (sent: number): void => void seen.push(sent);
    const put = await client.put("c", "big", Buffer.from("0123456789"), {
      segmentBytes: 4,
      onProgress,
    });
    const etag = md5(["0123", "4567", "89"].map(md5).join(""));
    expect(put).toEqual({ etag, sizeBytes: 10, segments: 3 });
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect([seen.length, seen.at(-1)]).toEqual([3, 10]);
    const manifest = JSON.parse(front.arrived.at(-1)?.body.toString() ?? "") as unknown[];
    expect(manifest[2]).toEqual({
      path: `/c_segments/big/slo/${md5("0123456789")}/10/4/00000002`,
      etag: md5("89"),
      size_bytes: 2,
    });
    expect(await textOf((await client.get("c", "big")).read())).toBe("0123456789");
    await client.delete("c", "big");
    const path = `/v1/${front.account}/c/big?multipart-manifest=delete`;
    expect(front.lines.at(-1)).toBe(`DELETE ${path}`);
    expect(await all(client.objects("c_segments"))).toEqual([]);
  });

  it("that are dynamic are removed without what their prefix names", async () => {
    await store("c", "p/1", "part");
    await client.put("c", "big", Buffer.from(""));
    const token = String(front.arrived.at(-1)?.headers["x-auth-token"]);
    const headers = { "X-Auth-Token": token, "X-Object-Manifest": "c/p/" };
    await fetch(`${cloud.url}/v1/${front.account}/c/big`, { method: "PUT", headers });
    expect(await textOf((await client.get("c", "big")).read())).toBe("part");
    await client.delete("c", "big");
    expect(front.lines.at(-1)).toBe(`DELETE /v1/${front.account}/c/big`);
    expect((await all(client.objects("c"))).map(({ name }) => name)).toEqual(["p/1"]);
  });

  it("are read in parts", async () => {
    await store("c", "o", "0123456789");
    const part = await client.get("c", "o", { startBytes: 2, sizeBytes: 3 });
    expect([part.totalBytes, await textOf(part.read())]).toEqual([10, "234"]);
    expect(await textOf((await client.get("c", "o", { startBytes: 8, sizeBytes: 9 })).read())).toBe(
      "89",
    );
    const error = await failure(client.get("c", "o", { etag: "another" }));
    expect(error.status).toBe(412);
  });

  it("are gone on with where the connection broke", async () => {
    const body = "0123456789".repeat(100_000);
    await store("c", "o", body);
    let broken = 0;
    front.intercept = ({ method }) => {
      if (method !== "GET" || broken === 2) return false;
      broken += 1;
      return { afterBytes: 300_000, ending: "breaks" };
    };
    expect(await textOf((await client.get("c", "o")).read())).toBe(body);
    const ranges = front.arrived.flatMap(({ headers }) => headers["range"] ?? []);
    // What arrived together with the end may be lost, and is asked for again.
    expect(ranges).toHaveLength(2);
    for (const range of ranges) expect(range).toMatch(/^bytes=[1-9]\d{5}-999999$/);
    expect(front.arrived.at(-1)?.headers["if-match"]).toBe(`"${md5(body)}"`);
  });

  it("are gone on with where the server knows no ranges", async () => {
    await store("c", "o", "0123456789");
    let count = 0;
    front.intercept = ({ method }, response) => {
      if (method !== "GET") return false;
      count += 1;
      if (count === 1) return { afterBytes: 4, ending: "breaks" };
      end(response, 200, { ETag: md5("0123456789") }, "0123456789");
      return true;
    };
    expect(await textOf((await client.get("c", "o")).read())).toBe("0123456789");
    expect(count).toBe(2);
  });

  it("that arrive changed are no objects", async () => {
    await store("c", "o", "right");
    front.intercept = ({ method }, response) => {
      if (method !== "GET") return false;
      end(response, 200, { "Content-Length": "5", ETag: md5("right") }, "wrong");
      return true;
    };
    const { read } = await client.get("c", "o");
    await expect(textOf(read())).rejects.toMatchObject({ code: "ZVM_CLIENT_ETAG" });
  });
});

/** As Swift itself answers. */
const HTML_404 = "<html><h1>Not Found</h1><p>The resource could not be found.</p></html>";

describe("failures", () => {
  it("name method, URL, status, the server's words and its transaction", async () => {
    const error = await failure(client.stat("none", "x"));
    expect(error.code).toBe("ZVM_CLIENT_NOT_FOUND");
    const got = await failure(client.get("none2", "y"));
    const base = `${front.origin}/v1/${front.account}`;
    const id = got.request.transactionId ?? "";
    expect(got.message).toBe(
      `GET ${base}/none2/y was answered with 404: There is no account ${front.account} (transaction ${id})`,
    );
    expect(id).toMatch(/^tx[0-9a-f-]+$/);
    front.intercept = (_, response) => {
      end(response, 404, { "X-Trans-Id": "tx9" }, HTML_404);
      return true;
    };
    const listed = await failure(all(client.objects("none")));
    expect(listed.request).toMatchObject({ status: 404, transactionId: "tx9", method: "GET" });
    expect(listed.message).toMatch(
      /with 404: Not Found The resource could not be found\. \(transaction tx9\)$/,
    );
  });

  it.each([500, 502, 503, 504, 429])(
    "with %i are tried again where that is safe",
    async (status) => {
      await store("c", "o", "x");
      let count = 0;
      front.intercept = ({ url }, response) => {
        if (url.includes("auth") || count === 2) return false;
        count += 1;
        end(response, status, { "Retry-After": "0" }, "busy");
        return true;
      };
      expect((await client.stat("c", "o")).bytes).toBe(1);
      count = -100;
      expect((await failure(client.put("c", "o", Buffer.from("x")))).status).toBe(status);
      expect(count).toBe(-95);
      const before = front.arrived.length;
      expect((await failure(client.postContainer("c", {}))).status).toBe(status);
      expect(front.arrived.length).toBe(before + 1);
    },
  );

  it("of connections are tried again, with all of the body", async () => {
    await client.createContainer("c");
    let count = 0;
    front.intercept = ({ method }, response) => {
      if (method !== "PUT" || count === 2) return false;
      count += 1;
      response.destroy();
      return true;
    };
    await client.put("c", "o", Buffer.from("body"));
    expect(await textOf((await client.get("c", "o")).read())).toBe("body");
  });

  it("without a server name the address", async () => {
    const credentials = {
      kind: "token",
      storageUrl: "http://127.0.0.1:1/v1/a",
      token: "t",
    } as const;
    const own = new SwiftClient({ credentials, backOffMs: 1, retriesMax: 1 });
    const error = await failure(own.stat());
    expect(error.code).toBe("ZVM_CLIENT_CONNECTION");
    expect(error.message).toMatch(/^HEAD http:\/\/127\.0\.0\.1:1\/v1\/a failed: .*ECONNREFUSED/);
  });

  it("come in time from a server that says nothing, and at once from a signal", async () => {
    front.intercept = ({ url }) => !url.includes("auth");
    const slow = clientWith({ timeoutMs: 50, retriesMax: 0 });
    expect((await failure(slow.stat())).message).toMatch(/nothing was heard for 0.05 seconds/);
    slow.close();
    const signal = AbortSignal.timeout(50);
    await expect(client.stat("c", "o", { signal })).rejects.toMatchObject({ name: "TimeoutError" });
    const aborted = AbortSignal.abort();
    await expect(client.stat("c", "o", { signal: aborted })).rejects.toMatchObject({
      name: "AbortError",
    });
  });

  it("are no reason to wait for long when a signal comes between two attempts", async () => {
    front.intercept = ({ url }, response) => {
      if (url.includes("auth")) return false;
      end(response, 503, { "Retry-After": "30" }, "");
      return true;
    };
    const signal = AbortSignal.timeout(100);
    await expect(client.stat("c", "o", { signal })).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

describe("jobs", () => {
  const JOB_HEADERS = {
    "X-Nexe-System": "map-1,map-2",
    "X-Nexe-Status": "ok.,ok.",
    "X-Nexe-Retcode": "0,3",
    "X-Zerovm-Job": "job5",
    "Content-Type": "text/plain",
  };

  it("are sent as they are, and their answers are told node by node", async () => {
    front.intercept = ({ headers }, response) => {
      if (headers["x-zerovm-execute"] === undefined) return false;
      end(response, 200, JOB_HEADERS, "out");
      return true;
    };
    const body = Buffer.from("[]");
    const target = { container: "c", object: "o p" };
    const run = await client.execute({ kind: "job", body, target, deferred: "auto", report: true });
    expect(await textOf(run.body())).toBe("out");
    expect(run).toMatchObject({ status: 200, contentType: "text/plain", jobId: "job5" });
    expect(run.nodes.map(({ name, exitCode }) => [name, exitCode])).toEqual([
      ["map-1", 0],
      ["map-2", 3],
    ]);
    expect(front.lines.at(-1)).toBe(`POST /v1/${front.account}/c/o%20p?format=json`);
    expect(front.arrived.at(-1)?.headers).toMatchObject({
      "x-zerovm-execute": "1.0",
      "x-zerovm-deferred": "auto",
      "content-type": "application/json",
      "content-length": "2",
    });
    await client.execute({ kind: "stored", source: "swift://~/a/b ü.zapp" });
    expect(front.arrived.at(-1)?.headers["x-zerovm-source"]).toBe("swift://~/a/b%20%C3%BC.zapp");
  });

  it("that a server refused are errors, and answers of programs are none", async () => {
    front.intercept = ({ headers }, response) => {
      if (headers["x-zerovm-execute"] === undefined) return false;
      const isProgram = headers["content-type"] === "application/x-tar";
      end(response, isProgram ? 404 : 400, isProgram ? JOB_HEADERS : {}, "Must specify node name");
      return true;
    };
    const body = Buffer.from("[]");
    const error = await failure(client.execute({ kind: "job", body }));
    expect(error.message).toMatch(/answered with 400: Must specify node name$/);
    expect(await client.execute({ kind: "tar", body })).toMatchObject({ status: 404 });
  });

  it("are never sent twice", async () => {
    let count = 0;
    front.intercept = ({ headers }, response) => {
      if (headers["x-zerovm-execute"] === undefined) return false;
      count += 1;
      response.destroy();
      return true;
    };
    const error = await failure(client.execute({ kind: "job", body: Buffer.from("[]") }));
    expect([error.code, count]).toEqual(["ZVM_CLIENT_CONNECTION", 1]);
  });

  it("keep what is said of a failure apart from what was printed, deferred or not", async () => {
    const headers = { ...JOB_HEADERS, "X-Zerovm-Failure-Ranges": "3-5" };
    front.intercept = ({ headers: asked }, response) => {
      if (asked["x-zerovm-execute"] === undefined) return false;
      end(response, 200, headers, "outbad");
      return true;
    };
    const job = { kind: "job", body: Buffer.from("[]") } as const;
    for (const more of [{}, { deferred: "auto" } as const]) {
      expect(await textOf((await client.execute({ ...job, ...more })).body())).toBe("out");
    }
  });

  it("that are deferred tell where their results will be", async () => {
    front.intercept = ({ headers }, response) => {
      if (headers["x-zerovm-execute"] === undefined) return false;
      end(response, 200, { "X-Zerovm-Job": "job6" }, "swift://AUTH_test/.zvm/job-1");
      return true;
    };
    const run = await client.execute({ kind: "job", body: Buffer.from("[]"), deferred: "always" });
    expect(run).toMatchObject({
      resultUrl: "swift://AUTH_test/.zvm/job-1",
      jobId: "job6",
      nodes: [],
    });
  });

  it("are told of and ended by their numbers", async () => {
    const answers: Record<string, string> = {
      "GET /jobs": '{"jobs":[{"id":"a","state":"running"},{"id":"b","state":"done"}]}',
      "GET /jobs/a%2Fb": '{"id":"a/b","state":"running","seconds":1}',
      "DELETE /jobs/a": "",
      "GET /jobs/odd": "[1]",
    };
    front.intercept = ({ method, url }, response) => {
      const answer = answers[`${method} ${url}`];
      if (answer === undefined) return false;
      end(response, 200, {}, answer);
      return true;
    };
    expect((await client.jobs()).map(({ id, state }) => [id, state])).toEqual([
      ["a", "running"],
      ["b", "done"],
    ]);
    expect((await client.job("a/b")).details).toEqual({ id: "a/b", state: "running", seconds: 1 });
    await client.cancelJob("a");
    expect((await failure(client.job("odd"))).code).toBe("ZVM_CLIENT_ANSWER");
  });
});
