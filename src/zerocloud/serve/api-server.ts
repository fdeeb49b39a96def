import { join } from "node:path";
import { type Identity, userName } from "../access/index.ts";
import type { EndedExchange, Exchange } from "../exchange/index.ts";
import { DeferredRecords, type Executor, executorSettings } from "../execute/index.ts";
import { type HttpServer, RequestShare, startHttp } from "../http/index.ts";
import type { Gauges } from "../metrics/index.ts";
import type { Store } from "../store/index.ts";
import type { Beside } from "./beside.ts";
import { embeddedJobs } from "./embedded-jobs.ts";
import { ExpiryTimer } from "./expiry-timer.ts";
import { jobsInfo } from "./jobs-info.ts";
import { accountOfPath, kindOfPath } from "./kind-of-path.ts";
import type { ServerParts } from "./parts.ts";
import type { CloudServer } from "./serve.ts";

const MS = 1000;

/** In the data folder, beside the store: deferred jobs that are under way. */
const DEFERRED_FOLDER = "deferred";

/** The API of Swift over the store, behind the users of the accounts file. */
export function apiServer(parts: ServerParts, beside: Beside): CloudServer {
  let http: HttpServer | undefined;
  let executor: Executor | undefined;
  const graceMs = parts.config["limits.graceSeconds"] * MS;
  const expiry = new ExpiryTimer(parts.store, parts.log);
  return {
    start: async () => {
      const { config, store } = parts;
      const records = new DeferredRecords(join(config.data ?? ".", DEFERRED_FOLDER));
      const settings = executorSettings(config);
      const jobs = embeddedJobs({ ...parts, settings, records });
      executor = jobs.executor;
      await executor.tellLeftJobs();
      const share = new RequestShare(config["limits.requestsPerAccount"]);
      http = await startHttp({
        store,
        host: config.host,
        port: config.port,
        identify: async (exchange) => identityOf(parts, exchange),
        handlers: [
          (exchange) => answerBeside(beside, exchange),
          (exchange) => share.handle(exchange),
          ...jobs.handlers,
        ],
        limits: {
          headersBytes: config["limits.headerBytes"],
          connections: config["limits.connections"],
          headersMs: config["limits.headerSeconds"] * MS,
          clientMs: config["limits.clientSeconds"] * MS,
          idleMs: config["limits.idleSeconds"] * MS,
          graceMs,
        },
        info: { tempauth: { account_acls: false }, zerovm: jobsInfo(settings) },
        prevalidation: jobs.prevalidation,
        log: (ended) => beside.ended(requestOf(ended)),
      });
      expiry.start();
      return http;
    },
    stop: async () => {
      expiry.stop();
      await Promise.all([http?.close(), executor?.stop(graceMs)]);
    },
    gauges: () => ({
      connections: http?.connections() ?? 0,
      ...executor?.gauges(),
      ...storeGauges(parts.store),
    }),
  };
}

function storeGauges(store: Store): Gauges {
  const { accounts, containers, objects, bytes } = store.totals();
  return {
    storeAccounts: accounts,
    storeContainers: containers,
    storeObjects: objects,
    storeBytes: bytes,
  };
}

/** Somebody with a token that is not valid is nobody, as one without is. */
function identityOf({ auth }: ServerParts, { request }: Exchange): Identity | "unknown" {
  const identity = auth.identify(request.headers);
  const isKnown = identity !== undefined && (identity.ownsAll || identity.names.length > 0);
  return isKnown ? identity : "unknown";
}

async function answerBeside(beside: Beside, exchange: Exchange): Promise<boolean> {
  const { method, rawPath: path, request, client: address = "" } = exchange;
  const answer = await beside.answer({ method, path, headers: request.headers, address });
  if (answer === undefined) return false;
  await exchange.answer(answer.status, answer.headers, answer.body);
  return true;
}

/** Who had signed in, or does so now; keys that were typed for names are in no log. */
function userOf({ sender, rawPath, request }: Exchange, status: number): string | undefined {
  if (sender !== undefined && sender !== "unknown") return userName(sender);
  const asked = request.headers["x-auth-user"] ?? request.headers["x-storage-user"];
  const isSignIn = kindOfPath(rawPath) === "auth" && status < 300;
  return isSignIn && typeof asked === "string" ? asked : undefined;
}

function requestOf({ exchange, status, durationMs, ...rest }: EndedExchange) {
  const { method, rawPath: path, transaction, job, client } = exchange;
  const account = accountOfPath(path);
  const user = userOf(exchange, status);
  return {
    method,
    path,
    status,
    request: transaction,
    seconds: durationMs / MS,
    bytesIn: rest.receivedBytes,
    bytesOut: rest.sentBytes,
    failure: rest.failure,
    ...(job !== undefined && { job }),
    ...(account !== undefined && { account }),
    ...(user !== undefined && { user }),
    ...(client !== undefined && { client }),
  };
}
