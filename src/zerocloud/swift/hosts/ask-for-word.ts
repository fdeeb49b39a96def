import { randomBytes } from "node:crypto";
import { type SetErrand, transactionOf, writePart } from "../orders/index.ts";
import { innerPath } from "../storage/index.ts";
import type { AskForWord } from "./host-pulse.ts";
import type { ObjectServers } from "./object-servers.ts";

const ANSWER_MS_MAX = 20_000;
const TICKET_BYTES = 16;
/** No places are given back, which a worker says at once, also where all of them are taken. */
const NOTHING: SetErrand = { version: 1, release: [] };
/** What the kernel of a host says is a word of it: an order that it has is then still there. */
const WORDS: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ECONNRESET"]);

/** Asks workers by way of their object servers, as all that is for them comes. */
export function askThrough(servers: Pick<ObjectServers, "send">): AskForWord {
  return async ({ host, partition }, signal) => {
    try {
      const reply = await servers.send({
        host,
        partition,
        path: innerPath({ account: "zerocloud" }),
        policy: 0,
        transaction: transactionOf("pulse", randomBytes(TICKET_BYTES).toString("hex")),
        body: () => writePart([Buffer.from(JSON.stringify(NOTHING))]),
        timeoutMs: ANSWER_MS_MAX,
        signal,
      });
      reply.close();
      return true;
    } catch (error) {
      return WORDS.has(codeOf(error));
    }
  };
}

function codeOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}
