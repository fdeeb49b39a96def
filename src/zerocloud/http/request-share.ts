import { ZvmError } from "../../base/index.ts";
import type { Exchange } from "../exchange/index.ts";

/** Requests end soon, or are ended. */
const RETRY_AFTER_SECONDS = 1;

/**
 * How many requests each account has under way: one whose clients are slow, or many, must not have
 * all the connections of a server.
 */
export class RequestShare {
  readonly #most: number;
  readonly #underWay = new Map<string, number>();

  /** @param most requests of one account, or of one address where they have no token */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts a request until it is over: a handler that answers none.
   * @throws ZvmError ZVM_HTTP_BUSY where it is one too many
   */
  async handle(exchange: Exchange): Promise<false> {
    const identity = await exchange.identity();
    const { client = "", response } = exchange;
    // The first name of a user is that of the account. Names of accounts have no blanks at the end.
    const [account] = identity === "unknown" ? [] : identity.names;
    const sender = account ?? `${client} `;
    const count = this.#underWay.get(sender) ?? 0;
    if (count >= this.#most) {
      const whose = account === undefined ? "Your address" : "This account";
      const message = `${whose} has as many requests under way as it may have`;
      throw new ZvmError("ZVM_HTTP_BUSY", message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    if (response.destroyed || response.closed) return false;
    this.#underWay.set(sender, count + 1);
    response.once("close", () => this.#leave(sender));
    return false;
  }

  #leave(sender: string): void {
    const count = (this.#underWay.get(sender) ?? 0) - 1;
    if (count > 0) this.#underWay.set(sender, count);
    else this.#underWay.delete(sender);
  }
}
