import type { IncomingMessage } from "node:http";
import type { Arrival } from "../../exchange/index.ts";
import { percentDecoded } from "../storage/index.ts";

/** What the filter tells of the request that it passes on. */
export interface RelayedRequest extends Arrival {
  /** Its name in calls; undefined where no filter sent it. */
  readonly name: string | undefined;
  /** Who sent it; undefined for nobody. */
  readonly user: string | undefined;
}

const PREFIX = "x-backend-zerocloud-";
const NAME = /^[0-9a-f]{32}$/;

/** Takes the headers of the filter out of a request: they are nothing to whoever answers it. */
export function takeRelayed(request: IncomingMessage): RelayedRequest {
  const taken = (what: string): string | undefined => {
    const value = request.headers[`${PREFIX}${what}`];
    delete request.headers[`${PREFIX}${what}`];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const name = taken("request");
  const user = taken("user");
  const client = taken("client");
  const transaction = taken("transaction");
  return {
    name: name !== undefined && NAME.test(name) ? name : undefined,
    user: user === undefined ? undefined : percentDecoded(user),
    ...(client !== undefined && { client }),
    ...(transaction !== undefined && { transaction }),
  };
}
