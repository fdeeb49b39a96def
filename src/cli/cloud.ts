import { printable, ZvmError } from "../base/index.ts";
import {
  type Credentials,
  environmentCredentials,
  loginPath,
  readLogin,
  ServiceError,
  SwiftClient,
} from "../zerocloud/client/index.ts";
import { complain } from "./command.ts";
import { catchInterrupts } from "./interrupt.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

/** Options of every command that asks a server. */
export const CLOUD_OPTIONS: readonly OptionSpec[] = [
  { name: "auth", short: "A", value: "URL", help: "Sign in at URL, unless ST_AUTH or the login" },
  { name: "user", short: "U", value: "ACCOUNT:USER", help: "As this user, unless ST_USER" },
  { name: "key", short: "K", value: "KEY", help: "With this key, unless ST_KEY" },
];

export const CLOUD_NOTES =
  "The server and the user are those of -A, -U and -K, else of ST_AUTH, ST_USER and ST_KEY, else of\n" +
  "OS_STORAGE_URL and OS_AUTH_TOKEN, else of zerovm login.";

/** What the command line and the environment say of server and user. */
export function credentialsOf(parsed: ParsedOptions): Credentials {
  const given = ["auth", "user", "key"].filter((name) => parsed.has(name));
  const environment = {
    ...process.env,
    ...(parsed.has("auth") && { ST_AUTH: parsed.last("auth") }),
    ...(parsed.has("user") && { ST_USER: parsed.last("user") }),
    ...(parsed.has("key") && { ST_KEY: parsed.last("key") }),
  };
  const found = environmentCredentials(environment);
  if (found !== undefined) return found;
  const path = loginPath(process.env);
  const login = given.length === 0 ? readLogin(path) : undefined;
  if (login !== undefined) {
    const { storageUrl, token } = login;
    return { kind: "token", storageUrl, token };
  }
  const message = "Nobody is signed in: run zerovm login, or set ST_AUTH, ST_USER and ST_KEY";
  throw new ZvmError("ZVM_CLIENT_CREDENTIALS", message);
}

export interface CloudWork {
  readonly client: SwiftClient;
  readonly signal: AbortSignal;
}

/**
 * Runs the work of a command with a client; Ctrl-C ends it in order.
 * @param undone what is said of it then
 */
export async function withCloud(
  parsed: ParsedOptions,
  undone: string,
  work: (cloud: CloudWork) => Promise<number>,
): Promise<number> {
  const client = new SwiftClient({ credentials: credentialsOf(parsed) });
  const interrupts = catchInterrupts();
  try {
    return await work({ client, signal: interrupts.signal });
  } catch (error) {
    const status = interrupts.status();
    if (status === undefined) throw explained(error, parsed);
    complain(`zerovm: interrupted; ${undone}`);
    return status;
  } finally {
    interrupts.release();
    client.close();
  }
}

/** A token that ended can only be had anew by its user. */
function explained(error: unknown, parsed: ParsedOptions): unknown {
  const isExpired = error instanceof ServiceError && error.status === 401;
  if (!isExpired || credentialsOf(parsed).kind === "v1") return error;
  const why =
    "the token may have run out, or have ended with the server, which forgets all at a restart";
  const message = `${error.message}; ${why}: sign in again with zerovm login`;
  return new ZvmError("ZVM_CLIENT_DENIED", message, { cause: error });
}

/** An address as messages and lists show it. */
export function shownAddress(container: string, object = ""): string {
  return printable(object === "" ? container : `${container}/${object}`);
}

/** Sizes for people: `17`, `1.5K`, `20M`. */
export function shownSize(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)}${UNITS[unit]}`;
}

const UNITS = ["", "K", "M", "G", "T", "P"];
