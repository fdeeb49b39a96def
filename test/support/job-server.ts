/** For tests: a server over a store of its own that runs jobs, and requests with jobs to it. */
import { type ClientRequest, request } from "node:http";
import {
  type Executor,
  type ExecutorSettings,
  STANDARD_EXECUTOR_SETTINGS,
} from "../../src/zerocloud/execute/index.ts";
import type { HttpOptions } from "../../src/zerocloud/http/index.ts";
import { Log } from "../../src/zerocloud/log/index.ts";
import { Metrics } from "../../src/zerocloud/metrics/index.ts";
import { type EmbeddedJobs, embeddedJobs } from "../../src/zerocloud/serve/index.ts";
import { inContainer, upload } from "./fresh-store.ts";
import { type Answer, FreshServer, type Sending } from "./http-client.ts";
import { type GroupOptions, group, jobText } from "./job-folder.ts";

/** A server whose account `a` has the container `c`. */
export class JobServer {
  readonly http: FreshServer;
  readonly jobs: EmbeddedJobs;
  readonly metrics: Metrics;
  /** Records of the log, as they were written. */
  readonly records: Readonly<Record<string, unknown>>[];

  private constructor(parts: Pick<JobServer, "http" | "jobs" | "metrics" | "records">) {
    this.http = parts.http;
    this.jobs = parts.jobs;
    this.metrics = parts.metrics;
    this.records = parts.records;
  }

  static async start(
    settings: Partial<ExecutorSettings> = {},
    options: Pick<HttpOptions, "limits"> = {},
  ): Promise<JobServer> {
    const records: Readonly<Record<string, unknown>>[] = [];
    const write = (line: string): unknown => records.push(JSON.parse(line));
    const log = new Log({ level: "debug", form: "json", write });
    let jobs: EmbeddedJobs | undefined;
    const metrics = new Metrics(() => jobs?.executor.gauges() ?? {});
    const http = await FreshServer.start((store) => {
      const all = { ...STANDARD_EXECUTOR_SETTINGS, ...settings };
      jobs = embeddedJobs({ store, log, metrics, settings: all });
      const { handlers, prevalidation } = jobs;
      return { ...options, handlers, prevalidation };
    });
    if (jobs === undefined) throw new Error("The server was not made");
    return new JobServer({ http, jobs, metrics, records });
  }

  get executor(): Executor {
    return this.jobs.executor;
  }

  /** @param graceMs for jobs that run */
  async close(graceMs = 5000): Promise<void> {
    await this.executor.stop(graceMs);
    await this.http.close();
  }

  /** Stores an object in the container. */
  async put(object: string, contents: string | Uint8Array, contentType?: string): Promise<void> {
    await this.http.fresh.store.objects.put(inContainer(object), {
      source: upload(contents, 4096),
      ...(contentType !== undefined && { contentType }),
    });
  }

  /** Posts a job of groups to the account `a`. */
  async run(groups: readonly GroupOptions[], sending: PostOptions = {}): Promise<Answer> {
    return await this.post("application/json", jobText(...groups.map(group)), sending);
  }

  /** Posts a job of groups as a client that may go away: destroy what is given. */
  leave(...groups: readonly GroupOptions[]): ClientRequest {
    const body = jobText(...groups.map(group));
    const headers = {
      "X-Auth-Token": "a",
      "X-Zerovm-Execute": "1.0",
      "Content-Type": "application/json",
      "Content-Length": body.length,
    };
    const sent = request({ port: this.http.port, method: "POST", path: "/v1/a", headers });
    sent.on("error", () => undefined);
    sent.end(body);
    return sent;
  }

  /** Posts what has a job in it. */
  async post(
    contentType: string,
    body: string | Uint8Array | undefined,
    { path = "/v1/a", ...sending }: PostOptions = {},
  ): Promise<Answer> {
    const headers = {
      "X-Zerovm-Execute": "1.0",
      ...(contentType !== "" && { "Content-Type": contentType }),
      ...sending.headers,
    };
    const data = body === undefined ? {} : { body };
    return await this.http.send("POST", path, { ...sending, ...data, headers });
  }
}

export type PostOptions = Omit<Sending, "body"> & { readonly path?: string };
