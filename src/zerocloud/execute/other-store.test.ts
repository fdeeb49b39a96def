/** Jobs over a store and on machines that are somebody else's, for requests from a socket. */
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { group, jobText } from "../../../test/support/job-folder.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { type Exchange, ExchangeServer } from "../exchange/index.ts";
import { Log } from "../log/index.ts";
import { Metrics } from "../metrics/index.ts";
import { pathOfItem } from "../plan/index.ts";
import { classify } from "../request/index.ts";
import type { JobRunner } from "../run/index.ts";
import type { JobStore, Storage } from "../storage/index.ts";
import {
  Executor,
  headerTable,
  JobPages,
  JobRequests,
  STANDARD_EXECUTOR_SETTINGS,
} from "./index.ts";

const temporaryFolder = temporaryFolders();

/** What somebody else's store and machines were asked, in its order. */
let asked: string[];
/** Lets the job that runs end. */
let endJob: () => void;
let server: ExchangeServer;
let socketPath: string;

const OWN = "AUTH_a";

function storageOf(user: string): Storage {
  const none = async () => await Promise.reject(new Error("Nobody asks for that"));
  return {
    list: async () => ({ names: [] }),
    locate: async () => undefined,
    stat: none,
    read: none,
    put: async (item, { source, contentType }) => {
      for await (const _ of source);
      asked.push(`put ${pathOfItem(item)}`);
      return { ...item, sizeBytes: 0, etag: "", contentType, timestamp: "", meta: {} };
    },
    authorize: async (item, right) => void asked.push(`${user} may ${right} ${pathOfItem(item)}`),
  };
}

function storeOf(exchange: Exchange): JobStore {
  const user = exchange.header("x-user") ?? "";
  return {
    userName: async () => user,
    storage: async () => storageOf(user),
    mayExecute: async (account) => user === "carol" && account === OWN,
    owns: async (account) => user === "carol" && account === OWN,
    openApp: async () => await Promise.reject(new Error("There are no apps")),
    container: async () => undefined,
    createContainer: async () => undefined,
    keep: () => {
      asked.push("kept");
      return () => void asked.push("let go");
    },
  };
}

const runner: JobRunner = {
  systemImages: [],
  waitingCells: 0,
  place: async () => [],
  run: async (plan, _, { signal }) => {
    asked.push(`run ${plan.nodes[0]?.name}`);
    await new Promise<void>((resolve) => {
      endJob = resolve;
      signal?.addEventListener("abort", () => resolve());
    });
    return { instances: [], seconds: 0 };
  },
  close: async () => void asked.push("closed"),
};

let executor: Executor;

beforeEach(async () => {
  asked = [];
  endJob = () => undefined;
  const log = new Log({ level: "error", form: "json", write: () => undefined });
  const metrics = new Metrics(() => ({}));
  executor = new Executor({ runner, log, metrics, settings: STANDARD_EXECUTOR_SETTINGS });
  const jobs = new JobRequests(executor);
  const pages = new JobPages(executor.registry, storeOf);
  server = new ExchangeServer({
    identify: async (exchange) => {
      const user = exchange.header("x-user");
      return user === undefined ? "unknown" : { names: [user] };
    },
    handlers: [
      (exchange) => pages.handle(exchange),
      async (exchange) => {
        const headers = headerTable(exchange);
        const found = classify(exchange.method, exchange.rawPath, headers);
        if (found.kind !== "job") return false;
        return await jobs.answer(exchange, found, headers, storeOf(exchange));
      },
    ],
  });
  socketPath = join(temporaryFolder(), "requests");
  await server.listenAt(socketPath);
});

afterEach(async () => {
  endJob();
  await executor.stop(0);
  await server.close();
});

async function send(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: Uint8Array,
) {
  return await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers, agent: false }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString() });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const JOB = jobText(group({ program: "c/program" }));
const EXECUTE = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };

test("a deferred job keeps the store of its request until its result is stored", async () => {
  const headers = { ...EXECUTE, "X-User": "carol", "X-Zerovm-Deferred": "always" };
  const { status, text } = await send("POST", `/v1/${OWN}/c/result`, headers, JOB);
  expect([status, text]).toEqual([200, "swift://AUTH_a/c/result"]);
  expect(asked).toEqual(["kept", "carol may write /AUTH_a/c/result", "run n"]);
  asked = [];
  endJob();
  await expect.poll(() => asked.at(-1)).toBe("let go");
  expect(asked).toEqual(["put /AUTH_a/c/result.headers", "put /AUTH_a/c/result", "let go"]);
});

test("who may not run jobs is refused, and whoever nobody knows is asked to sign in", async () => {
  const other = await send("POST", `/v1/${OWN}`, { ...EXECUTE, "X-User": "dave" }, JOB);
  const nobody = await send("POST", `/v1/${OWN}`, EXECUTE, JOB);
  expect([other.status, nobody.status, asked]).toEqual([403, 401, []]);
});

test("jobs are listed, shown and cancelled for the owner of their account alone", async () => {
  const headers = { ...EXECUTE, "X-User": "carol", "X-Zerovm-Deferred": "always" };
  await send("POST", `/v1/${OWN}`, headers, JOB);
  const [{ id = "" } = {}] = executor.registry.running;
  const seen = async (method: string, path: string, user: string) => {
    const { status, text } = await send(method, path, { "X-User": user });
    return [status, text.includes(id)];
  };
  expect(await seen("GET", "/jobs", "dave")).toEqual([200, false]);
  expect(await seen("GET", "/jobs", "carol")).toEqual([200, true]);
  expect(await seen("DELETE", `/jobs/${id}`, "dave")).toEqual([404, false]);
  expect(await seen("GET", `/jobs/${id}`, "carol")).toEqual([200, true]);
  endJob();
});
