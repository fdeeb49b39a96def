import { VERSION, ZvmError } from "../../base/index.ts";
import type { AuthAnswer, AuthRequest } from "../auth/index.ts";
import type { RequestFigures } from "../metrics/index.ts";
import { openApiDocument } from "../openapi/index.ts";
import { kindOfPath } from "./kind-of-path.ts";
import type { ServerParts } from "./parts.ts";

/** A request that is over. */
export interface BesideRequest extends Omit<RequestFigures, "kind"> {
  readonly path: string;
  /** `X-Trans-Id`. */
  readonly request: string;
  readonly account?: string;
  /** Id of the job that it brought. */
  readonly job?: string;
  readonly user?: string;
  readonly client?: string;
  /** What failed on our side. */
  readonly failure?: unknown;
}

const OPEN_API = `${JSON.stringify(openApiDocument())}\n`;

const JSON_HEADERS = { "content-type": "application/json" };

/** For whoever has the address of the server and nothing else. */
const WELCOME = `${JSON.stringify(
  {
    name: "zerovm",
    version: VERSION,
    signIn: "/auth/v1.0",
    api: "/v1/ACCOUNT",
    jobs: "/jobs",
    info: "/info",
    openapi: "/openapi.json",
    health: "/readyz",
    documentation: "docs/guide/zerocloud.md and docs/reference/http-api.md of zerovm",
  },
  undefined,
  2,
)}\n`;

const DEFECT_STATUS = 500;
/** Somebody has all that he may have, which is nothing that failed. */
const BUSY = new Set(["ZVM_HTTP_BUSY", "ZVM_JOB_BUSY"]);

/** What a server does beside its API: sign-in, health, figures, and the log of all requests. */
export class Beside {
  readonly #parts: ServerParts;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /** Answers a request that is not for the API. @returns undefined where it is */
  async answer(request: AuthRequest): Promise<AuthAnswer | undefined> {
    const { auth, health, metrics, config } = this.#parts;
    const { path, method } = request;
    const isLook = method === "GET" || method === "HEAD";
    if (isLook && path === "/") return { status: 200, headers: JSON_HEADERS, body: WELCOME };
    if (isLook && path === "/healthz") return json(health.liveness());
    if (isLook && path === "/readyz") return json(health.readiness());
    if (isLook && path === "/metrics" && config.metrics) {
      const headers = { "content-type": metrics.contentType, "cache-control": "no-store" };
      return { status: 200, headers, body: await metrics.text() };
    }
    if (isLook && path === "/openapi.json") {
      return { status: 200, headers: JSON_HEADERS, body: OPEN_API };
    }
    return await auth.answer(request);
  }

  /** Counts a request that is over, and logs it; it never throws. */
  ended({ failure, path, seconds, ...request }: BesideRequest): void {
    const { log, metrics } = this.#parts;
    const { method, status, bytesIn, bytesOut } = request;
    const kind = request.job === undefined ? kindOfPath(path) : "job";
    metrics.countRequest({ method, status, seconds, bytesIn, bytesOut, kind });
    const ms = Math.round(seconds * 1000);
    log.write({ kind: "request", ...request, path, ms });
    if (failure === undefined || status < DEFECT_STATUS || isBusy(failure)) return;
    const { request: transaction } = request;
    log.write({ kind: "failure", request: transaction, text: "A request failed", cause: failure });
  }
}

function isBusy(failure: unknown): boolean {
  return failure instanceof ZvmError && BUSY.has(failure.code);
}

function json({ status, state }: { readonly status: number; readonly state: string }): AuthAnswer {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers, body: `${JSON.stringify({ state })}\n` };
}
