import { isObject } from "../../../base/index.ts";
import { textOfLatin1 } from "../../exchange/index.ts";
import type { Located, StorageHost } from "../../placement/index.ts";
import type { ContainerName } from "../../storage/index.ts";
import { wireError } from "../orders/index.ts";
import type { CallBody, RequestCalls } from "./request-calls.ts";

/** In whose name Swift is asked. */
export type Asker =
  /** Whoever sent the request. */
  | "sender"
  /** Somebody who has not signed in. */
  | "nobody"
  /** Without being asked for rights: metadata of a container let the sender in. */
  | "trusted";

export interface SwiftRequest {
  readonly method: string;
  /** From `/v1/`, escaped. */
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: CallBody;
  /** Undefined for a body of unknown size. */
  readonly bodyBytes?: number;
}

export interface SwiftAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** To be read to its end, or begun and left. */
  readonly body: AsyncGenerator<Uint8Array, void>;
}

/** What Swift knows of a container, whoever asks. */
export interface SwiftContainer {
  readonly status: number;
  readonly readList: string;
  readonly writeList: string;
  /** `x-container-meta-…`, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Index of its storage policy. */
  readonly policy: number;
  readonly sizeBytes: number;
  readonly timestamp: string;
}

/** What a coordinator can ask of Swift in the name of one request. */
export class SwiftCalls {
  readonly #calls: RequestCalls;

  constructor(calls: RequestCalls) {
    this.#calls = calls;
  }

  /** A request from the place of the filter on. @throws ZvmError ZVM_SWIFT_WIRE */
  async request(asker: Asker, request: SwiftRequest): Promise<SwiftAnswer> {
    const { method, path, query = "", headers = {}, body, bodyBytes = null } = request;
    const sends = body === undefined ? {} : { sends: bodyBytes };
    const call = {
      op: "request",
      method,
      path,
      query,
      headers,
      ...sends,
      ...named(asker),
    } as const;
    const answer = await this.#calls.call(call, body);
    const { head } = answer;
    return { status: statusIn(head), headers: headersIn(head["headers"]), body: answer.body };
  }

  /**
   * Whether a request would be let in by a list of access.
   * @param list none where only the owner of the account is meant
   */
  async authorize(
    asker: Exclude<Asker, "trusted">,
    method: string,
    path: string,
    list: string | undefined,
  ): Promise<{ readonly status: number; readonly isOwner: boolean }> {
    const acl = list === undefined ? {} : { acl: list };
    const head = await this.#head({ op: "authorize", method, path, ...acl, ...named(asker) });
    return { status: statusIn(head), isOwner: head["owner"] === true };
  }

  async container({ account, container }: ContainerName): Promise<SwiftContainer> {
    const head = await this.#head({ op: "container", account, container });
    const acls = isObject(head["acls"]) ? head["acls"] : {};
    return {
      status: statusIn(head),
      readList: textIn(acls["read"]),
      writeList: textIn(acls["write"]),
      metadata: Object.fromEntries(headersIn(head["headers"])),
      policy: countIn(head["policy"]),
      sizeBytes: countIn(head["bytes"]),
      timestamp: textIn(head["timestamp"]),
    };
  }

  /** Where an object is, or where a node without one could run. */
  async locate(
    item: { readonly account: string; readonly container?: string; readonly object?: string },
    policy: number,
    random?: number,
  ): Promise<Located> {
    const { account, container, object } = item;
    const fields = { account, container, object, policy, random };
    const head = await this.#head({ op: "locate", ...fields });
    const hosts = Array.isArray(head["nodes"]) ? head["nodes"].map(nodeOf) : [];
    return { partition: countIn(head["partition"]), hosts };
  }

  async #head(
    call: Parameters<RequestCalls["call"]>[0],
  ): Promise<Readonly<Record<string, unknown>>> {
    const { head, body } = await this.#calls.call(call);
    for await (const _ of body) {
      // Such answers have no body; what comes all the same is not ours.
    }
    if (typeof head["error"] === "string") throw wireError(`the proxy says: ${head["error"]}`);
    return head;
  }
}

function named(asker: Asker): Readonly<Record<string, boolean>> {
  if (asker === "sender") return {};
  return asker === "trusted" ? { trusted: true } : { anonymous: true };
}

function statusIn(head: Readonly<Record<string, unknown>>): number {
  const { status } = head;
  if (typeof status !== "number") throw wireError("the head of an answer has no status");
  return status;
}

function headersIn(pairs: unknown): Map<string, string> {
  const entries = isObject(pairs) ? Object.entries(pairs) : Array.isArray(pairs) ? pairs : [];
  const headers = new Map<string, string>();
  for (const pair of entries) {
    if (!Array.isArray(pair)) throw wireError("a header is no pair");
    const [name, value] = pair as unknown[];
    headers.set(unicode(textIn(name)).toLowerCase(), unicode(textIn(value)));
  }
  return headers;
}

/** Of a text that has a character for each byte; what is no UTF-8 stays as it is. */
function unicode(latin1: string): string {
  return textOfLatin1(latin1) ?? latin1;
}

function nodeOf(value: unknown): StorageHost {
  if (!isObject(value)) throw wireError("a node of the ring is no object");
  const { ip, port, device, region, zone, handoff } = value;
  return {
    ip: textIn(ip),
    port: countIn(port),
    device: textIn(device),
    region: countIn(region),
    zone: countIn(zone),
    isHandoff: handoff === true,
  };
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function countIn(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
