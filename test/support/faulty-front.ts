import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { CloudUser, ServedCloud } from "./served-cloud.ts";

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What becomes of the server's answer on its way: so many bytes of its body pass. */
export interface Fault {
  readonly afterBytes: number;
  readonly ending: "stalls" | "breaks";
}

/**
 * Answers a request itself (true), lets it through (false), or lets it through with a fault.
 */
export type Interception = (request: Arrived, response: ServerResponse) => boolean | Fault;

/**
 * Stands between clients and a real server, and makes the faults that a server in good health
 * does not: connections that break, answers that are none, tokens that ran out.
 */
export class FaultyFront {
  readonly arrived: Arrived[] = [];
  readonly #cloud: ServedCloud;
  readonly #user: CloudUser;
  readonly #server = createServer((incoming, response) => void this.#receive(incoming, response));
  intercept: Interception = () => false;

  constructor(cloud: ServedCloud, user: CloudUser) {
    this.#cloud = cloud;
    this.#user = user;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The account of its user, as `swift://` URLs have it. */
  get account(): string {
    return `AUTH_${this.#user.user.split(":")[0]}`;
  }

  get environment(): Record<string, string> {
    const { user, key } = this.#user;
    return { ST_AUTH: `${this.origin}/auth/v1.0`, ST_USER: user, ST_KEY: key };
  }

  /** Methods and paths of all that arrived. */
  get lines(): string[] {
    return this.arrived.map(({ method, url }) => `${method} ${url}`);
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of incoming) pieces.push(piece as Buffer);
    } catch {
      // The client went away: the server never hears of it.
      return;
    }
    const { method = "", url = "", headers } = incoming;
    const arrived = { method, url, headers, body: Buffer.concat(pieces) };
    this.arrived.push(arrived);
    const taken = this.intercept(arrived, response);
    if (taken !== true) this.#pass(arrived, response, taken === false ? undefined : taken);
  }

  /** The host is still that of this front, so that the server names it in its URLs. */
  #pass({ method, url, headers, body }: Arrived, response: ServerResponse, fault?: Fault): void {
    const { hostname, port } = new URL(this.#cloud.url);
    const { "transfer-encoding": _, ...sent } = headers;
    const passed = request({ hostname, port, method, path: url, headers: sent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      if (fault === undefined) answer.pipe(response);
      else void passFaulty(answer, response, fault);
    });
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    passed.end(body);
  }
}

async function passFaulty(answer: IncomingMessage, response: ServerResponse, fault: Fault) {
  let left = fault.afterBytes;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    const part = piece.subarray(0, left);
    left -= part.length;
    await new Promise<unknown>((done) => response.write(part, done));
    if (left === 0) break;
  }
  // In order, so that all which was to pass does; the length says that it is not the end.
  if (fault.ending === "breaks") response.socket?.end();
}

/** Ends an answer. */
export function end(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer | string,
): undefined {
  response.writeHead(status, headers);
  response.end(body);
}
