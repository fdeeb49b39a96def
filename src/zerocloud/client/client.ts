import { createHash } from "node:crypto";
import { judgeValue, ZvmError } from "../../base/index.ts";
import { accountOf } from "./credentials.ts";
import { type Download, download, type GetOptions } from "./download.ts";
import {
  type ContainerEntry,
  type ObjectEntry,
  parseContainers,
  parseObjects,
  type Stat,
  statOf,
} from "./entries.ts";
import {
  cancelJob,
  type ExecuteRequest,
  type Execution,
  execute,
  type JobStatus,
  jobStatus,
} from "./execute.ts";
import { OPTIONS } from "./options-form.ts";
import { encodePath, metaHeaders, queryOf } from "./paths.ts";
import type { PutOptions, PutResult, UploadSource } from "./put-options.ts";
import { replacing } from "./replaced-segments.ts";
import { validationOf } from "./send-part.ts";
import { Session, type SessionOptions } from "./session.ts";
import { type Answer, type Headers, readAll } from "./transport.ts";
import { bytesSource, segmentContainerOf, upload } from "./upload.ts";

export interface ListOptions {
  /** Only names that begin with this. */
  readonly prefix?: string;
  /** Names are listed up to the first of these behind the prefix, as folders are. */
  readonly delimiter?: string;
  /** Only names behind this one. */
  readonly marker?: string;
  /** Entries of a page; the server's own number unless given. */
  readonly pageSize?: number;
  readonly signal?: AbortSignal;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface MetaOptions extends CallOptions {
  readonly meta?: Readonly<Record<string, string>>;
  /** Further headers, as `X-Container-Read`. */
  readonly headers?: Headers;
}

/** A page of a listing has at most so many bytes: ten thousand long names. */
const PAGE_BYTES_MAX = 64 * 2 ** 20;

/**
 * A client of one account of an object store with the API of OpenStack Swift, which may run jobs.
 * It signs in when it is first needed. Every call throws ServiceError with the server's status and
 * words, or ZVM_CLIENT_CONNECTION where there was no answer; requests that may be made twice are
 * made again before that.
 */
export class SwiftClient {
  readonly #session: Session;

  /** @throws ZvmError ZVM_USAGE naming an option that is none */
  constructor(options: SessionOptions) {
    judgeValue("SwiftClient", options, OPTIONS);
    this.#session = new Session(options);
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#session.close();
  }

  /** Token and URL of the account. */
  access(options: CallOptions = {}) {
    return this.#session.access(options.signal);
  }

  /** The name of the account, as `swift://` URLs have it. */
  async account(options: CallOptions = {}): Promise<string> {
    return accountOf((await this.#session.access(options.signal)).storageUrl);
  }

  /** Containers of the account in the order of their names, asked for page by page. */
  async *containers(options: ListOptions = {}): AsyncGenerator<ContainerEntry, void> {
    yield* this.#pages("", options, parseContainers);
  }

  /** Objects of a container in the order of their names, asked for page by page. */
  async *objects(container: string, options: ListOptions = {}): AsyncGenerator<ObjectEntry, void> {
    yield* this.#pages(encodePath(container), options, parseObjects);
  }

  async *#pages<Entry extends { readonly name: string }>(
    path: string,
    { prefix, delimiter, marker, pageSize, signal }: ListOptions,
    parse: (text: string) => Entry[],
  ): AsyncGenerator<Entry, void> {
    for (let last = marker; ; ) {
      const parameters = { format: "json", prefix, delimiter, limit: pageSize, marker: last };
      const request = { method: "GET", path: path + queryOf(parameters), signal };
      const answer = await this.#session.request(request);
      const page = parse(Buffer.from(await readAll(answer, PAGE_BYTES_MAX)).toString() || "[]");
      yield* page;
      const next = page.at(-1)?.name;
      if (next === undefined) return;
      // A server that begins again would never end.
      if (next === last) throw new ZvmError("ZVM_CLIENT_ANSWER", "A listing does not go on");
      last = next;
    }
  }

  /** What is known of the account, a container, or an object. */
  async stat(container = "", object = "", options: CallOptions = {}): Promise<Stat> {
    const path = container === "" ? "" : encodePath(container, object);
    const answer = await this.#request({ method: "HEAD", path, ...options });
    return statOf(answer.headers);
  }

  /** Makes a container; one that is there keeps what it holds. */
  async createContainer(container: string, options: MetaOptions = {}): Promise<void> {
    await this.#send("PUT", encodePath(container), "Container", options);
  }

  /** Removes an empty container. */
  async deleteContainer(container: string, options: CallOptions = {}): Promise<void> {
    await this.#request({ method: "DELETE", path: encodePath(container), ...options });
  }

  /** Sets metadata of a container; what is not named stays. */
  async postContainer(container: string, options: MetaOptions): Promise<void> {
    await this.#send("POST", encodePath(container), "Container", options);
  }

  /** Sets the metadata of an object; what is not named is gone. */
  async postObject(container: string, object: string, options: MetaOptions): Promise<void> {
    await this.#send("POST", encodePath(container, object), "Object", options);
  }

  /** Opens an object. */
  async get(container: string, object: string, options: GetOptions = {}): Promise<Download> {
    return await download(this.#session, encodePath(container, object), options);
  }

  /** Stores an object; see `upload`. */
  async put(
    container: string,
    object: string,
    source: UploadSource | Uint8Array,
    options: PutOptions = {},
  ): Promise<PutResult> {
    const bytes = source instanceof Uint8Array ? bytesSource(source) : source;
    return await upload(this.#session, container, object, bytes, options);
  }

  /** Stores a stream of unknown length in one piece; it cannot be sent again. */
  async putStream(
    container: string,
    object: string,
    stream: AsyncIterable<Uint8Array>,
    options: Omit<PutOptions, "segmentBytes" | "segmentContainer" | "parallel"> = {},
  ): Promise<PutResult> {
    const hash = createHash("md5");
    let sizeBytes = 0;
    async function* read(): AsyncIterable<Uint8Array> {
      for await (const piece of stream) {
        hash.update(piece);
        sizeBytes += piece.length;
        options.onProgress?.(sizeBytes);
        yield piece;
      }
    }
    const { contentType, meta = {}, signal } = options;
    const type = contentType === undefined ? {} : { "Content-Type": contentType };
    const headers = { ...type, ...metaHeaders("Object", meta) };
    const path = encodePath(container, object);
    const isRepeatable = false;
    const request = { method: "PUT", path, headers, body: { read }, isRepeatable };
    const place = { container, object, segmentContainer: segmentContainerOf(container) };
    return await replacing(this.#session, place, signal, async () => {
      const answer = await this.#request({ ...request, ...(signal !== undefined && { signal }) });
      const etag = hash.digest("hex");
      const told = (answer.headers["etag"] ?? etag).replace(/^"|"$/g, "").toLowerCase();
      const result = { etag, sizeBytes, segments: 0, ...validationOf(answer.headers) };
      if (told === etag) return { result, segments: [] };
      const said = `the server stored bytes with the digest ${told}, and not ${etag}`;
      throw new ZvmError("ZVM_CLIENT_ETAG", `PUT ${path}: ${said}`);
    });
  }

  /**
   * Removes an object, and of a static large one its segments. Those of a dynamic one are whatever
   * its prefix names, which nobody may have meant for it.
   */
  async delete(container: string, object: string, options: CallOptions = {}): Promise<void> {
    const path = encodePath(container, object);
    const { headers } = await this.stat(container, object, options);
    const isStatic = headers["x-static-large-object"]?.toLowerCase() === "true";
    const query = isStatic ? "?multipart-manifest=delete" : "";
    // It was there: another request, maybe the first attempt of this one, has done the same.
    await this.#request({ method: "DELETE", path: path + query, takes: [404], ...options });
  }

  /** Copies an object inside the store. */
  async copy(
    from: { readonly container: string; readonly object: string },
    to: { readonly container: string; readonly object: string },
    options: MetaOptions = {},
  ): Promise<void> {
    const headers = { ...options.headers, "X-Copy-From": encodePath(from.container, from.object) };
    await this.#send("PUT", encodePath(to.container, to.object), "Object", { ...options, headers });
  }

  /** Has the server run a job; see `ExecuteRequest`. */
  async execute(request: ExecuteRequest): Promise<Execution> {
    return await execute(this.#session, request);
  }

  /** What the server tells of one job. */
  async job(id: string, options: CallOptions = {}): Promise<JobStatus> {
    const [status] = await jobStatus(this.#session, id, options.signal);
    if (status !== undefined) return status;
    throw new ZvmError("ZVM_CLIENT_NOT_FOUND", `The server knows no job ${JSON.stringify(id)}`);
  }

  /** What the server tells of the jobs of the account. */
  async jobs(options: CallOptions = {}): Promise<JobStatus[]> {
    return await jobStatus(this.#session, undefined, options.signal);
  }

  /** Ends a job. */
  async cancelJob(id: string, options: CallOptions = {}): Promise<void> {
    await cancelJob(this.#session, id, options.signal);
  }

  async #send(
    method: string,
    path: string,
    kind: "Container" | "Object",
    { meta = {}, headers = {}, signal }: MetaOptions,
  ): Promise<void> {
    const all = { ...headers, ...metaHeaders(kind, meta) };
    await this.#request({ method, path, headers: all, ...(signal !== undefined && { signal }) });
  }

  /** A request of whose answer only the head is wanted. */
  async #request(request: Parameters<Session["request"]>[0]): Promise<Answer> {
    const answer = await this.#session.request(request);
    await readAll(answer, PAGE_BYTES_MAX);
    return answer;
  }
}
