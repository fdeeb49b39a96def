import type { Exchange } from "../../exchange/index.ts";
import { RequestCalls } from "../storage/index.ts";

/** Filters ask for calls just before they pass a request on. */
const CLAIM_MS_MAX = 10_000;

const PATH = /^\/(calls|answers|bodies)\/([0-9a-f]{32})(?:\/(\d{1,15}))?$/;

/** The calls of all requests that are under way, by the names that the filter gave them. */
export class CallBook {
  readonly #calls = new Map<string, RequestCalls>();
  /** Of requests that are here. */
  readonly #claimed = new Set<string>();

  /** The calls of a request that is here. */
  claim(name: string): RequestCalls {
    this.#claimed.add(name);
    return this.#of(name);
  }

  /** Whichever of the connections of a request comes first makes them. */
  #of(name: string): RequestCalls {
    const known = this.#calls.get(name);
    if (known !== undefined) return known;
    const calls = new RequestCalls();
    this.#calls.set(name, calls);
    return calls;
  }

  /** Nothing is asked in the name of a request any more. */
  end(name: string): void {
    this.#claimed.delete(name);
    this.#calls.get(name)?.end();
    this.#calls.delete(name);
  }

  /** Answers what filters ask and say about calls. @returns whether it was that */
  async handle(exchange: Exchange): Promise<boolean> {
    const [path, kind, name = "", id = ""] = PATH.exec(exchange.rawPath) ?? [];
    if (path === undefined) return false;
    const { request, response } = exchange;
    if (kind === "calls") {
      this.#of(name).attach(response);
      const late = setTimeout(() => this.#endUnclaimed(name), CLAIM_MS_MAX);
      response.once("close", () => {
        clearTimeout(late);
        this.end(name);
      });
      return true;
    }
    const calls = this.#calls.get(name);
    if (calls === undefined) {
      response.writeHead(404, { Connection: "close" }).end();
      return true;
    }
    if (kind === "answers") await calls.answered(id, request, response);
    else await calls.sendBody(id, response);
    return true;
  }

  /** A request that never came, or was answered before its calls were there. */
  #endUnclaimed(name: string): void {
    if (!this.#claimed.has(name)) this.end(name);
  }
}
