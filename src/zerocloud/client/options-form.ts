import { countOf, eitherOf, type Form, NAME, optional, recordOf, TEXT } from "../../base/index.ts";
import type { Credentials } from "./credentials.ts";
import type { SessionOptions } from "./session.ts";

type V1 = Extract<Credentials, { kind: "v1" }>;
type Token = Extract<Credentials, { kind: "token" }>;

const DAY_MS = 86_400_000;
const RETRIES_MAX = 100;

/** What a client is made with. */
export const OPTIONS: Form = recordOf<SessionOptions>({
  credentials: eitherOf("kind", {
    v1: recordOf<V1>({ kind: TEXT, authUrl: NAME, user: NAME, key: TEXT }),
    token: recordOf<Token>({ kind: TEXT, storageUrl: NAME, token: NAME }),
  }),
  timeoutMs: optional(countOf("milliseconds", 1, DAY_MS)),
  retriesMax: optional(countOf("attempts", 0, RETRIES_MAX)),
  backOffMs: optional(countOf("milliseconds", 0, DAY_MS)),
});
