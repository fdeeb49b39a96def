import { afterEach, describe, expect, test, vi } from "vitest";
import { COPYING_GUEST, LOOPING_GUEST, writingGuest } from "../../../test/support/guests.ts";
import { group, jobText } from "../../../test/support/job-folder.ts";
import { JobServer } from "../../../test/support/job-server.ts";
import { parsePools } from "../admission/index.ts";
import type { ExecutorSettings } from "./index.ts";

let server: JobServer;

async function start(settings: Partial<ExecutorSettings> = {}): Promise<void> {
  server = await JobServer.start(settings);
  await server.put("hello", writingGuest("hello"));
  await server.put("cat", COPYING_GUEST);
  await server.put("loop", LOOPING_GUEST);
}

afterEach(async () => await server.close(0));

const HELLO = [{ program: "c/hello" }];
const LOOP = [{ program: "c/loop" }];

async function jobs(as = "a"): Promise<readonly Record<string, unknown>[]> {
  const { body } = await server.http.send("GET", "/jobs", { as });
  return JSON.parse(body).jobs;
}

async function stateOf(id: unknown): Promise<Record<string, unknown>> {
  const { status, body } = await server.http.send("GET", `/jobs/${id}`);
  return status === 200 ? JSON.parse(body) : { status };
}

/** A job that loops, and its id when it runs. */
async function looping(): Promise<{ answer: ReturnType<JobServer["run"]>; id: unknown }> {
  const answer = server.run(LOOP);
  await expect.poll(async () => (await jobs()).at(0)?.["state"]).toBe("running");
  return { answer, id: (await jobs()).at(0)?.["id"] };
}

describe("a deferred job", () => {
  test("deferred: answers with the URL of its result, which is there when the job has ended", async () => {
    await start();
    const headers = { "X-Zerovm-Deferred": "always" };
    const { status, body, headers: told } = await server.run(HELLO, { headers });
    expect(status).toBe(200);
    expect(body).toMatch(/^swift:\/\/a\/\.zvm\/job-[0-9a-f-]{36}$/);
    const id = told["x-zerovm-job"];
    const path = body.replace("swift:/", "/v1");
    const result = async () => await server.http.send("GET", path);
    await expect.poll(async () => (await result()).status).toBe(200);
    expect(await result()).toMatchObject({
      body: "hello",
      headers: { "content-type": "text/html" },
    });
    const beside = await server.http.send("GET", `${path}.headers`);
    expect(beside.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(beside.body)).toMatchObject({
      status: 200,
      headers: { "x-nexe-status": "ok.", "x-zerovm-job": id },
    });
    expect(await stateOf(id)).toMatchObject({ state: "ended", outcome: "ok", result: body });
  });

  test("deferred with object: 404 before, 200 after; what never runs is refused at once", async () => {
    await start();
    const headers = { "X-Zerovm-Deferred": "auto" };
    const path = "/v1/a/c/result";
    const quick = await server.run(HELLO, { headers, path });
    expect(quick).toMatchObject({ status: 200, body: "hello" });
    expect((await server.http.send("GET", path)).status).toBe(404);
    const always = { "X-Zerovm-Deferred": "always" };
    expect((await server.run([{ program: "c/*" }], { headers: always, path })).status).toBe(400);
    const { body } = await server.run(HELLO, { headers: always, path });
    expect(body).toBe("swift://a/c/result");
    await expect.poll(async () => (await server.http.send("GET", path)).status).toBe(200);
  });

  test("takes the body of the request before its answer", async () => {
    await start();
    const devices = [{ name: "stdin" }, { name: "stdout" }];
    await server.put("job", jobText(group({ program: "c/cat", devices })), "application/json");
    const headers = { "X-Zerovm-Deferred": "always", "X-Zerovm-Source": "swift://~/c/job" };
    await server.post("text/plain", "the data", { headers, path: "/v1/a/c/result" });
    const result = async () => await server.http.send("GET", "/v1/a/c/result");
    await expect.poll(async () => (await result()).body).toBe("the data");
  });
});

describe("the jobs of a server", () => {
  test("are told to owners of their account, with all that is known of them", async () => {
    await start();
    const { headers } = await server.run(HELLO);
    const id = headers["x-zerovm-job"];
    expect(await stateOf(id)).toMatchObject({
      id,
      account: "a",
      state: "ended",
      outcome: "ok",
      status: 200,
      instances: [{ id: 1, name: "n", copy: 0, state: "ended", exitStatus: 0 }],
      report: { instances: [{ name: "n", state: "ran" }] },
    });
    expect(await jobs()).toMatchObject([{ id, instances: 1 }]);
    expect(await jobs("b")).toEqual([]);
    for (const [as, status] of [
      ["b", 404],
      ["operator", 200],
      ["", 401],
    ] as const) {
      expect((await server.http.send("GET", `/jobs/${id}`, { as })).status).toBe(status);
    }
    expect((await server.http.send("DELETE", `/jobs/${id}`, { as: "b" })).status).toBe(404);
    expect((await server.http.send("PUT", `/jobs/${id}`)).status).toBe(405);
  });

  test("are cancelled by a request", async () => {
    await start();
    const { answer, id } = await looping();
    expect(await server.metrics.text()).toContain('zerovm_jobs{state="running"} 1');
    expect((await server.http.send("DELETE", `/jobs/${id}`)).status).toBe(204);
    expect(await answer).toMatchObject({ status: 499, body: "The job was cancelled\n" });
    expect(await stateOf(id)).toMatchObject({ state: "ended", outcome: "cancelled" });
    await server.http.send("DELETE", `/jobs/${id}`);
    expect(await stateOf(id)).toEqual({ status: 404 });
  });

  test("client disconnect: one whose client goes away ends (X 39)", async () => {
    await start({ timeoutSeconds: 60 });
    const sent = server.leave(...LOOP);
    await expect.poll(async () => (await jobs()).at(0)?.["state"]).toBe("running");
    sent.destroy();
    await expect.poll(async () => (await jobs()).at(0)?.["outcome"]).toBe("cancelled");
    await expect.poll(() => server.http.ended.some(({ status }) => status === 499)).toBe(true);
  });

  test("end with their server, when their time of grace is over", async () => {
    await start({ timeoutSeconds: 60 });
    const { answer } = await looping();
    await server.executor.stop(100);
    const body = "The server was stopped before the job ended\n";
    expect(await answer).toMatchObject({ status: 503, body, headers: { "x-nexe-system": "n" } });
    expect((await server.run(HELLO)).status).toBe(503);
  });

  test("are told as they ended, where the server stops when all is done", async () => {
    await start();
    const path = "/v1/a/c/result";
    const headers = { "X-Zerovm-Deferred": "always" };
    const told: unknown[] = [];
    for (const turns of [0, 1, 2]) {
      // A session is counted when it is over, and there is no answer yet.
      const counting = vi.spyOn(server.metrics, "countSession").mockImplementationOnce(() => {
        const [job] = server.executor.registry.running;
        let waiting = Promise.resolve();
        for (let turn = 0; turn < turns; turn += 1) waiting = waiting.then(() => undefined);
        void waiting.then(() => job?.cancel("stop"));
      });
      const id = (await server.run(HELLO, { headers, path })).headers["x-zerovm-job"];
      await expect.poll(async () => (await stateOf(id))["state"]).toBe("ended");
      const { body } = await server.http.send("GET", path);
      told.push([turns, (await stateOf(id))["outcome"], body]);
      counting.mockRestore();
    }
    expect(told).toEqual([0, 1, 2].map((turns) => [turns, "ok", "hello"]));
  });

  test("are refused where a pool is full, with when to ask again", async () => {
    const pools = parsePools("default = WaitPool(1, 1)");
    if ("fault" in pools) throw new Error(pools.fault);
    await start({ pools, queuedPerAccount: 1, timeoutSeconds: 60 });
    const { answer, id } = await looping();
    const waiting = server.run(HELLO);
    await expect.poll(async () => (await jobs()).at(0)?.["state"]).toBe("queued");
    const refused = await server.run(HELLO);
    expect(refused).toMatchObject({ status: 503, body: "Slot not available" });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    await server.http.send("DELETE", `/jobs/${id}`);
    await answer;
    expect(await waiting).toMatchObject({ status: 200, body: "hello" });
  });

  test("take cells that wait", async () => {
    await start({ warmCells: 1 });
    await expect.poll(() => server.executor.gauges().cellsWarm).toBe(1);
    expect(await server.run(HELLO)).toMatchObject({ status: 200, body: "hello" });
  });
});

describe("a chain of jobs", () => {
  /** A program whose answer is the next job. */
  async function putStep(object: string, next: Uint8Array): Promise<void> {
    const head = "Content-Type: application/json\nX-Zerovm-Execute: 1.0\n\n";
    await server.put(object, writingGuest(head + Buffer.from(next).toString()));
  }
  const step = (program: string) => [
    { program, devices: [{ name: "stdout", content_type: "message/cgi" }] },
  ];

  test("job chain: answers with the result of the last one", async () => {
    await start();
    await putStep("step", jobText(group({ name: "second", program: "c/hello" })));
    const answer = await server.run(step("c/step"));
    expect(answer).toMatchObject({
      status: 200,
      body: "hello",
      headers: { "x-nexe-system": "second" },
    });
    const report = await server.run(step("c/step"), { path: "/v1/a?format=json" });
    expect(JSON.parse(report.body)).toMatchObject({ instances: [{ name: "second" }] });
  });

  test("chain timeout: an endless one ends with the job that comes next", async () => {
    await start({ chain: { seconds: 1, jobBytes: 65_536 } });
    const again = jobText(...step("c/endless").map(group));
    await putStep("endless", again);
    const answer = await server.run(step("c/endless"));
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(answer.body).toBe(Buffer.from(again).toString());
    expect(Number(answer.headers["x-chain-total-time"])).toBeGreaterThan(1);
  });

  test("chain with payload: the body goes to the first step that reads it, and to no other", async () => {
    await start();
    const devices = [{ name: "stdin" }, { name: "stdout" }];
    const cat = jobText(group({ program: "c/cat", devices }));
    await putStep("step", cat);
    await server.put("job", jobText(...step("c/step").map(group)), "application/json");
    const headers = { "X-Zerovm-Source": "swift://~/c/job" };
    const answer = await server.post("text/plain", "payload", { headers });
    expect(answer).toMatchObject({ status: 200, body: "payload" });
  });

  test("a step that is too long goes to the client (X 33), one that is no job is refused", async () => {
    await start({ chain: { seconds: 20, jobBytes: 10 } });
    await putStep("long", jobText(group({ program: "c/hello" })));
    expect((await server.run(step("c/long"))).body).toContain("c/hello");
    await putStep("bad", Buffer.from("no job"));
    expect((await server.run(step("c/bad"))).status).toBe(422);
  });
});
