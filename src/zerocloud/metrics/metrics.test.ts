import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Health, METRICS, Metrics, type RequestFigures } from "./index.ts";

const REQUEST: RequestFigures = {
  method: "GET",
  kind: "object",
  status: 200,
  seconds: 0.01,
  bytesIn: 3,
  bytesOut: 5,
};

async function lines(metrics: Metrics): Promise<string[]> {
  return (await metrics.text()).split("\n").filter((line) => !line.startsWith("#"));
}

describe("the figures", () => {
  it("count requests by method, class of status and kind", async () => {
    const metrics = new Metrics();
    metrics.countRequest(REQUEST);
    metrics.countRequest({ ...REQUEST, status: 206, seconds: 5 });
    metrics.countRequest({ ...REQUEST, method: "PUT", status: 499 });
    const text = await lines(metrics);
    const total = "zerovm_http_requests_total";
    expect(text).toContain(`${total}{method="GET",status="2xx",kind="object"} 2`);
    expect(text).toContain(`${total}{method="PUT",status="4xx",kind="object"} 1`);
    expect(text).toContain('zerovm_http_received_bytes_total{kind="object"} 9');
    expect(text).toContain('zerovm_http_sent_bytes_total{kind="object"} 15');
    expect(text).toContain('zerovm_http_request_seconds_bucket{le="0.02",kind="object"} 2');
    expect(text).toContain('zerovm_http_request_seconds_count{kind="object"} 3');
  });

  it("have a bounded number of lines, whatever clients send", async () => {
    const metrics = new Metrics();
    for (let at = 0; at < 100; at += 1) metrics.countRequest({ ...REQUEST, method: `M${at}` });
    const text = await lines(metrics);
    expect(text.filter((line) => line.startsWith("zerovm_http_requests_total"))).toEqual([
      'zerovm_http_requests_total{method="other",status="2xx",kind="object"} 100',
    ]);
  });

  it("are looked at when they are asked for, and left out where nobody knows", async () => {
    let connections = 3;
    const metrics = new Metrics(async () => ({ connections, jobsQueued: 2 }));
    expect(await lines(metrics)).toContain("zerovm_http_connections 3");
    connections = 4;
    const text = await lines(metrics);
    expect(text).toContain("zerovm_http_connections 4");
    expect(text).toContain('zerovm_jobs{state="queued"} 2');
    expect(text.join("\n")).not.toMatch(/state="running"|zerovm_store_objects|zerovm_cells_warm/);
  });

  it("count jobs and sessions", async () => {
    const metrics = new Metrics();
    metrics.countJob("ok");
    metrics.countSession(1);
    const text = await lines(metrics);
    expect(text).toContain('zerovm_jobs_ended_total{outcome="ok"} 1');
    expect(text).toContain('zerovm_session_seconds_bucket{le="2"} 1');
  });

  it("belong to one server each", async () => {
    const [one, other] = [new Metrics(), new Metrics()];
    one.countJob("ok");
    expect((await lines(other)).join("\n")).not.toContain("outcome");
  });

  it("are all described, to Prometheus and in the reference", async () => {
    const metrics = new Metrics();
    const text = await metrics.text();
    const page = readFileSync(
      join(import.meta.dirname, "../../../docs/reference/server.md"),
      "utf8",
    );
    for (const [name, { type, meaning }] of Object.entries(METRICS)) {
      expect(text).toContain(`# HELP ${name} ${meaning}\n# TYPE ${name} ${type}\n`);
      expect(page).toContain(`| \`${name}\` |`);
    }
    expect(metrics.contentType).toContain("text/plain; version=0.0.4");
  });
});

describe("health", () => {
  it("is ready between start and stop", () => {
    const health = new Health();
    const answers = () => [health.readiness().status, health.liveness().status];
    expect(answers()).toEqual([503, 200]);
    health.become("ready");
    expect(answers()).toEqual([200, 200]);
    health.become("stopping");
    expect(answers()).toEqual([503, 200]);
    health.become("ready");
    expect(health.state).toBe("stopping");
  });
});
