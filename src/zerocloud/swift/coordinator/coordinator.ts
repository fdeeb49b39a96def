import type { IncomingMessage } from "node:http";
import { AppRequests } from "../../apps/index.ts";
import { type EndedExchange, type Exchange, ExchangeServer } from "../../exchange/index.ts";
import {
  type DeferredRecords,
  Executor,
  type ExecutorSettings,
  JobPages,
  JobRequests,
  jobDoorOf,
  type StoreOf,
} from "../../execute/index.ts";
import type { Log } from "../../log/index.ts";
import { type Gauges, Health, type Metrics } from "../../metrics/index.ts";
import { HostBook } from "../../placement/index.ts";
import {
  askThrough,
  ClusterHost,
  HostGates,
  HostPulse,
  ObjectServers,
  ProgramBook,
  ProgramSends,
  type PulseTimes,
} from "../hosts/index.ts";
import { openToGroup, statusOf } from "../sockets/index.ts";
import { SwiftJobStore } from "../storage/index.ts";
import { CallBook } from "./call-book.ts";
import { LeftAccounts } from "./left-accounts.ts";
import { type RelayedRequest, takeRelayed } from "./relayed-request.ts";

export interface CoordinatorParts {
  /** Path of the socket where the filters of proxies come. */
  readonly socket: string;
  /** Shared with the filters of all object servers. */
  readonly secret: Buffer;
  readonly settings: ExecutorSettings;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Told of every request that is over. */
  readonly ended: (exchange: EndedExchange) => void;
  /** For requests under way when it stops. */
  readonly graceMs: number;
  /** Of hosts that sessions are waited for; as is usual unless given. */
  readonly pulse?: PulseTimes;
  /** Where deferred jobs outlive the coordinator; without it nobody is told that they ended so. */
  readonly records?: DeferredRecords;
}

const NOT_HERE = "Only filters ask for jobs here\n";

/** A request has three connections for each of its calls, and one for itself. */
const CONNECTIONS = 16_384;

/** Takes the jobs that a proxy passes on, and has their nodes run beside the objects. */
export class Coordinator {
  readonly #parts: CoordinatorParts;
  readonly #calls = new CallBook();
  readonly #health = new Health();
  readonly #relayed = new WeakMap<IncomingMessage, RelayedRequest>();
  readonly #stores = new WeakMap<IncomingMessage, SwiftJobStore>();
  readonly #executor: Executor;
  readonly #left: LeftAccounts;
  readonly #server: ExchangeServer;

  constructor(parts: CoordinatorParts) {
    const { settings, log, metrics, secret, records } = parts;
    this.#parts = parts;
    const servers = new ObjectServers(secret);
    const cluster = {
      servers,
      pulse: new HostPulse(askThrough(servers), parts.pulse),
      book: new HostBook(() => performance.now()),
      gates: new HostGates(),
      programs: new ProgramBook(),
      sends: new ProgramSends(),
      log,
    };
    const runner = new ClusterHost(cluster, [...settings.systemImages.keys()], jobDoorOf(settings));
    const afterwards = records === undefined ? {} : { afterwards: { records } };
    this.#executor = new Executor({ runner, log, metrics, settings, ...afterwards });
    this.#left = new LeftAccounts(this.#executor, log);
    const storeOf: StoreOf = (exchange) => this.#storeOf(exchange);
    const pages = new JobPages(this.#executor.registry, storeOf);
    const apps = new AppRequests(this.#executor, new JobRequests(this.#executor), storeOf);
    this.#server = new ExchangeServer({
      identify: async ({ request }) => {
        const user = this.#relayed.get(request)?.user;
        return user === undefined ? "unknown" : { names: [user] };
      },
      arrive: (request) => this.#arrive(request),
      handlers: [
        (exchange) => this.#answerFilter(exchange),
        async (exchange) => {
          this.#left.noticed(exchange, () => storeOf(exchange));
          return await pages.handle(exchange);
        },
        (exchange) => apps.handle(exchange),
      ],
      limits: { connections: CONNECTIONS, graceMs: parts.graceMs },
      log: (ended) => this.#ended(ended),
    });
  }

  /** @throws ZvmError ZVM_HTTP_LISTEN where the socket cannot be had */
  async start(): Promise<void> {
    const { records, socket } = this.#parts;
    if (records !== undefined) await this.#left.read(records);
    await this.#server.listenAt(socket);
    openToGroup(socket);
    this.#health.become("ready");
  }

  gauges(): Gauges {
    return { connections: this.#server.connections, ...this.#executor.gauges() };
  }

  /** Takes no more jobs; those under way have their time, then they are ended in order. */
  async stop(): Promise<void> {
    this.#health.become("stopping");
    await this.#executor.stop(this.#parts.graceMs);
    await this.#server.close();
  }

  #arrive(request: IncomingMessage): RelayedRequest {
    const relayed = takeRelayed(request);
    this.#relayed.set(request, relayed);
    return relayed;
  }

  #storeOf(exchange: Exchange): SwiftJobStore {
    const { request } = exchange;
    const store = this.#stores.get(request) ?? this.#makeStore(exchange);
    this.#stores.set(request, store);
    return store;
  }

  /** It lives as long as the request, and the job that goes on after it. */
  #makeStore(exchange: Exchange): SwiftJobStore {
    const relayed = this.#relayed.get(exchange.request);
    const name = relayed?.name ?? "";
    let users = 1;
    const leave = (): void => {
      users -= 1;
      if (users === 0) this.#calls.end(name);
    };
    exchange.response.once("close", leave);
    return new SwiftJobStore({
      requestCalls: this.#calls.claim(name),
      user: relayed?.user,
      inputBytesMax: this.#parts.settings.transferLimits.inputBytes,
      keep: () => {
        users += 1;
        return leave;
      },
    });
  }

  /** What is asked by a filter or at the socket, and by no client. @returns whether it was that */
  async #answerFilter(exchange: Exchange): Promise<boolean> {
    // What a filter passed on is a client's, whatever its path.
    if (this.#relayed.get(exchange.request)?.name !== undefined) return false;
    if (await this.#calls.handle(exchange)) return true;
    const { metrics } = this.#parts;
    const said = await statusOf(exchange.rawPath, { health: this.#health, metrics });
    const known = said ?? { status: 404, type: "text/plain", body: NOT_HERE };
    await exchange.answer(known.status, { "Content-Type": known.type }, known.body);
    return true;
  }

  #ended(ended: EndedExchange): void {
    // Calls are part of a request that is told of.
    if (this.#relayed.get(ended.exchange.request)?.name !== undefined) this.#parts.ended(ended);
  }
}
