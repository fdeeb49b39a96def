import { expect } from "vitest";
import { writingGuest } from "../../../support/guests.ts";
import { at, type Case, CGI, cases, jobOf, post, read, run, STDIN, STDOUT } from "./jobs.ts";
import type { Side } from "./side.ts";

const ALWAYS = { "X-Zerovm-Deferred": "always" };

/** Waits until an object is there. */
async function result(side: Side, path: string): Promise<void> {
  const there = async () => (await side.send("GET", path)).status;
  await expect.poll(there, { timeout: 30_000 }).toBe(200);
}

/** Waits until a job has ended, and tells of it. */
async function ended(side: Side, job: unknown): Promise<void> {
  const state = async () => {
    const { body } = await side.send("GET", `/jobs/${job}`);
    return (JSON.parse(body) as { state: string }).state;
  };
  await expect.poll(state, { timeout: 30_000 }).toBe("ended");
  await side.ask(200, "GET", `/jobs/${job}`);
}

/** The jobs of the account that run a program of this name. */
async function running(side: Side): Promise<string | undefined> {
  const { body } = await side.send("GET", "/jobs", { as: "other" });
  const { jobs } = JSON.parse(body) as { jobs: readonly { id: string; state: string }[] };
  return jobs.find(({ state }) => state === "running")?.id;
}

/** A program whose answer is the next job. */
async function putStep(side: Side, name: string, next: string): Promise<void> {
  const head = "Content-Type: application/json\nX-Zerovm-Execute: 1.0\n\n";
  await side.put(name, writingGuest(head + next));
}

/** Jobs that go on after their answer, that end early, and that follow each other. */
export const LIFE_CASES: readonly Case[] = cases({
  "a deferred job": async (side) => {
    const { body, headers } = await run(side, 200, [{ program: "hello" }], { headers: ALWAYS });
    const path = body.replace("swift:/", "/v1");
    await result(side, path);
    await result(side, `${path}.headers`);
    const stored = await side.send("GET", path);
    side.note("result", [stored.body, stored.headers["content-type"]]);
    const beside = await side.send("GET", `${path}.headers`);
    side.note("type", beside.headers["content-type"]);
    const told = JSON.parse(beside.body) as { status: number; headers: Record<string, string> };
    side.note("headers", [told.status, Object.keys(told.headers).sort()]);
    await ended(side, headers["x-zerovm-job"]);
  },
  "a deferred job with an object": async (side) => {
    const path = `${await side.container("c")}/result`;
    const auto = { "X-Zerovm-Deferred": "auto" };
    await run(side, 200, [{ program: "hello" }], { headers: auto, path });
    await read(side, "c/result", 404);
    await run(side, 400, [{ program: at(side, "c/*") }], { headers: ALWAYS, path });
    await run(side, 200, [{ program: "hello" }], { headers: ALWAYS, path });
    await result(side, path);
    await read(side, "c/result");
    await side.put("c/job", jobOf({ program: "cat", devices: [STDIN, STDOUT] }), {
      headers: { "Content-Type": "application/json" },
    });
    const headers = { ...ALWAYS, "X-Zerovm-Source": at(side, "c/job") };
    const other = `${path}-2`;
    await post(side, 200, "the data", { headers, path: other, type: "text/plain" });
    await result(side, other);
    await read(side, "c/result-2");
  },
  "a deferred job that fails": async (side) => {
    const path = `${await side.container("c")}/failure`;
    const headers = { ...ALWAYS, "X-Zerovm-Timeout": "1" };
    await run(side, 200, [{ program: "loop" }], { headers, path });
    await result(side, path);
    await result(side, `${path}.headers`);
    await read(side, "c/failure");
    const { body } = await side.send("GET", `${path}.headers`);
    const told = JSON.parse(body) as { status: number; headers: Record<string, string> };
    side.note("status", [told.status, told.headers["x-nexe-status"]]);
  },
  "a deferred app": async (side) => {
    const path = `${await side.container("c")}/app.json`;
    await side.put("c/app.json", jobOf({ program: "tell", devices: [CGI] }), {
      headers: { "Content-Type": "application/json" },
    });
    const headers = { ...ALWAYS, "X-Zerovm-Source": at(side, "c/app.json") };
    const { body } = await post(side, 200, undefined, { headers, path: "/v1/AUTH_test" });
    await result(side, body.replace("swift:/", "/v1"));
    const result201 = await side.send("GET", body.replace("swift:/", "/v1"));
    side.note("type", result201.headers["content-type"]);
    await side.ask(200, "HEAD", path);
  },
  "a job that is cancelled": async (side) => {
    const headers = { "X-Zerovm-Timeout": "50" };
    const ends = run(side, 499, [{ program: "loop" }], { as: "other", headers });
    const cancels = async (): Promise<string> => {
      await expect.poll(() => running(side), { timeout: 30_000 }).toBeDefined();
      const id = await running(side);
      const { status, body } = await side.send("DELETE", `/jobs/${id}`, { as: "other" });
      expect([status, body]).toEqual([204, ""]);
      return `/jobs/${id}`;
    };
    const [path] = await Promise.all([cancels(), ends]);
    const { body } = await side.send("GET", path, { as: "other" });
    const told = JSON.parse(body) as { instances: readonly Record<string, unknown>[] };
    const states = told.instances.map(({ name, state }) => [name, state]);
    side.note("job", { ...told, report: undefined, instances: states });
    await side.ask(204, "DELETE", path, { as: "other" });
    await side.ask(404, "GET", path, { as: "other" });
  },
  "nodes that fail beside each other": async (side) => {
    await side.container("c");
    await side.put("c/broken", writingGuest("x").subarray(0, 20));
    // Two that ran out of time would end each other, one before or after the other.
    const groups = [
      { name: "ends", program: at(side, "c/broken") },
      { name: "loops", program: "loop" },
    ];
    await run(side, 500, groups, { headers: { "X-Zerovm-Timeout": "2" } });
  },
  "pages of jobs": async (side) => {
    const { headers } = await run(side, 200, [{ program: "hello" }]);
    await ended(side, headers["x-zerovm-job"]);
    await side.ask(401, "GET", "/jobs", { as: "nobody" });
    await side.ask(404, "GET", "/jobs/00000000000000000");
    await side.ask(405, "PUT", "/jobs");
    const { body } = await side.send("GET", "/jobs");
    const { jobs } = JSON.parse(body) as { jobs: readonly Record<string, unknown>[] };
    const own = jobs.find(({ id }) => id === headers["x-zerovm-job"]);
    side.note("keys", Object.keys(own ?? {}).sort());
  },
  "a chain of jobs": async (side) => {
    await side.container("c");
    await putStep(side, "c/step", jobOf({ name: "second", program: "hello" }));
    const step = { program: at(side, "c/step"), devices: [CGI] };
    await run(side, 200, [step]);
    await run(side, 200, [step], { path: "/v1/AUTH_test?format=json" });
    await putStep(side, "c/bad", "no job");
    await run(side, 422, [{ ...step, program: at(side, "c/bad") }]);
    await putStep(side, "c/missing", jobOf({ program: at(side, "c/none") }));
    await run(side, 404, [{ ...step, program: at(side, "c/missing") }]);
    await putStep(side, "c/reads", jobOf({ program: "cat", devices: [STDIN, STDOUT] }));
    const job = jobOf({ ...step, program: at(side, "c/reads") });
    await side.put("c/job", job, { headers: { "Content-Type": "application/json" } });
    const headers = { "X-Zerovm-Source": at(side, "c/job") };
    await post(side, 200, "payload", { headers, type: "text/plain" });
  },
});
