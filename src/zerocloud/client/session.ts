import { setTimeout as sleep } from "node:timers/promises";
import { ZvmError } from "../../base/index.ts";
import { type Access, type Credentials, trimmed } from "./credentials.ts";
import { malformed, refusedBy, ServiceError } from "./service-error.ts";
import { type Answer, type Exchange, type Headers, readAll, Transport } from "./transport.ts";

export interface SessionOptions {
  readonly credentials: Credentials;
  /** For the connection, and between two pieces of an answer; 60 seconds unless given. */
  readonly timeoutMs?: number;
  /** Attempts after the first, of requests that may be made twice; 4 unless given. */
  readonly retriesMax?: number;
  /** Before the first of them; each further one waits twice as long. 250 unless given. */
  readonly backOffMs?: number;
}

/** A request below the URL of the account, or at another URL of the server. */
export interface AccountRequest extends Omit<Exchange, "url"> {
  /** Encoded path below the account, `/CONTAINER/OBJECT?query`; or a whole URL. */
  readonly path: string;
  /** May be made again where nobody knows whether it was done. GET, HEAD, PUT and DELETE may. */
  readonly isRepeatable?: boolean;
  /** Statuses besides 2xx that are answers, and no errors. */
  readonly takes?: readonly number[];
}

const TIMEOUT_MS = 60_000;
const RETRIES = 4;
const BACK_OFF_MS = 250;
const BACK_OFF_MAX_MS = 30_000;
const ERROR_BYTES_MAX = 64 * 1024;
const REPEATABLE = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"];

/** Sends requests in the name of a user: signs in, and again once where a token ran out. */
export class Session {
  readonly #options: SessionOptions;
  readonly #transport: Transport;
  #access: Promise<Access> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#transport = new Transport({ timeoutMs: options.timeoutMs ?? TIMEOUT_MS });
  }

  close(): void {
    this.#transport.close();
  }

  /** Token and URL of the account, asked for when they are first needed. */
  access(signal?: AbortSignal): Promise<Access> {
    const asked = this.#access ?? this.#signIn(signal);
    this.#access = asked;
    asked.catch(() => {
      // What failed is tried anew by who asks next.
      if (this.#access === asked) this.#access = undefined;
    });
    return asked;
  }

  /**
   * @returns an answer of 2xx, or of a status that the request takes
   * @throws ServiceError with status and words of the server; ZVM_CLIENT_CONNECTION
   */
  async request(request: AccountRequest): Promise<Answer> {
    const answer = await this.#withRetries(request);
    if (answer.status !== 401) return await this.#judge(request, answer);
    if (this.#options.credentials.kind !== "v1") return await this.#judge(request, answer);
    answer.body.resume();
    this.#access = undefined;
    return await this.#judge(request, await this.#withRetries(request));
  }

  async #withRetries(request: AccountRequest): Promise<Answer> {
    const isRepeatable = request.isRepeatable ?? REPEATABLE.includes(request.method);
    const most = isRepeatable ? (this.#options.retriesMax ?? RETRIES) : 0;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#attempt(request);
      const isFinal = attempt >= most || !isWorthRetrying(outcome, request);
      if (isFinal && outcome instanceof ServiceError) throw outcome;
      if (isFinal && !(outcome instanceof ServiceError)) return outcome;
      const asked = outcome instanceof ServiceError ? undefined : outcome.headers["retry-after"];
      if (!(outcome instanceof ServiceError)) outcome.body.resume();
      await sleep(this.#waitMs(attempt, asked), undefined, signalOf(request)).catch(() => {
        request.signal?.throwIfAborted();
      });
    }
  }

  async #attempt(request: AccountRequest): Promise<Answer | ServiceError> {
    const { storageUrl, token } = await this.access(request.signal);
    const { path, isRepeatable: _, takes: __, headers = {}, ...exchange } = request;
    const url = path.includes("://") ? path : storageUrl + path;
    try {
      return await this.#transport.send({
        ...exchange,
        url,
        headers: { ...headers, "X-Auth-Token": token },
      });
    } catch (error) {
      if (error instanceof ServiceError) return error;
      throw error;
    }
  }

  /** Doubled each time; what the server asks for is kept, within reason. */
  #waitMs(attempt: number, retryAfter: string | undefined): number {
    const usual = (this.#options.backOffMs ?? BACK_OFF_MS) * 2 ** attempt;
    const asked = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) * 1000 : 0;
    return Math.min(Math.max(usual, asked), BACK_OFF_MAX_MS);
  }

  async #judge(request: AccountRequest, answer: Answer): Promise<Answer> {
    const { status } = answer;
    if ((status >= 200 && status < 300) || request.takes?.includes(status)) return answer;
    return await this.refuse(request, answer);
  }

  /** Throws what an answer says that is none which was hoped for. */
  async refuse(
    { method, path }: Pick<AccountRequest, "method" | "path">,
    answer: Answer,
  ): Promise<never> {
    const { storageUrl } = await this.access();
    const url = path.includes("://") ? path : storageUrl + path;
    throw await refusal(method, url, answer, answer.headers);
  }

  async #signIn(signal: AbortSignal | undefined): Promise<Access> {
    const { credentials } = this.#options;
    if (credentials.kind === "token") {
      return { storageUrl: trimmed(credentials.storageUrl), token: credentials.token };
    }
    const { authUrl: url, user, key } = credentials;
    const headers = { "X-Auth-User": user, "X-Auth-Key": key };
    const answer = await this.#transport.send({ method: "GET", url, headers, signal });
    const { status } = answer;
    if (status < 200 || status > 299) throw await refusal("GET", url, answer, answer.headers);
    answer.body.resume();
    const storageUrl = answer.headers["x-storage-url"];
    const token = answer.headers["x-auth-token"];
    if (storageUrl && token) return { storageUrl: trimmed(storageUrl), token };
    throw malformed({ method: "GET", url, status }, "has no X-Storage-Url or no X-Auth-Token");
  }
}

function signalOf({ signal }: AccountRequest): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** Connections break and servers are busy; 501 and 505 will be the same tomorrow. */
function isWorthRetrying(outcome: Answer | ServiceError, { takes }: AccountRequest): boolean {
  if (outcome instanceof ServiceError) return true;
  const { status } = outcome;
  if (takes?.includes(status)) return false;
  return status === 429 || status === 408 || [500, 502, 503, 504].includes(status);
}

async function refusal(
  method: string,
  url: string,
  answer: Answer,
  headers: Headers,
): Promise<ServiceError> {
  const text = await readAll(answer, ERROR_BYTES_MAX).catch((cause: unknown) => {
    answer.body.destroy();
    if (cause instanceof ZvmError || cause instanceof Error) return new Uint8Array();
    throw cause;
  });
  const transactionId = headers["x-trans-id"];
  const retryAfter = headers["retry-after"];
  return refusedBy({
    method,
    url,
    status: answer.status,
    text: Buffer.from(text).toString(),
    ...(transactionId !== undefined && { transactionId }),
    ...(retryAfter !== undefined && { retryAfterSeconds: Number(retryAfter) || 0 }),
  });
}
