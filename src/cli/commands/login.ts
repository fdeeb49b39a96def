import { printable, ZvmError } from "../../base/index.ts";
import { loginPath, ServiceError, SwiftClient, writeLogin } from "../../zerocloud/client/index.ts";
import { askSecret } from "../ask-secret.ts";
import { CLOUD_OPTIONS } from "../cloud.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { readText } from "../read-text.ts";

/** `zerovm login`. */
export const LOGIN: Command = {
  name: "login",
  usage: ["[-A URL] [-U ACCOUNT:USER] [-K KEY|-]"],
  description:
    "Signs in to a server with the API of Swift (TempAuth v1), and keeps the token for the other\n" +
    "commands in zerovm/login.json of XDG_CONFIG_HOME, readable by its owner alone. The key is not\n" +
    "kept; -K - reads it from standard input, where it is in no list of processes.",
  options: [...CLOUD_OPTIONS, JSON_OPTION],
  examples: [
    {
      line: "zerovm login -A http://localhost:8080/auth/v1.0 -U test:tester -K - < key",
      does: "sign in with a key from a file",
    },
  ],
  notes:
    "What is not given comes from ST_AUTH, ST_USER and ST_KEY; a key that is in none of them is\n" +
    "asked for on a terminal, and not shown.",
  run: async (parsed) => await login(parsed),
};

async function login(parsed: ParsedOptions): Promise<number> {
  if (parsed.operands.length > 0) {
    throw new ZvmError("ZVM_USAGE", "zerovm login takes options only; see 'zerovm login --help'");
  }
  const authUrl = wanted(parsed, "auth", "ST_AUTH");
  const user = wanted(parsed, "user", "ST_USER");
  const key = await keyOf(parsed, user);
  const client = new SwiftClient({ credentials: { kind: "v1", authUrl, user, key } });
  try {
    const { storageUrl, token } = await client.access();
    const path = loginPath(process.env);
    writeLogin(path, { authUrl, user, storageUrl, token });
    if (parsed.has("json")) print(JSON.stringify({ user, storageUrl, file: path }, null, 2));
    else print(`${printable(user)} is signed in: ${printable(storageUrl)}`);
    if (process.env["ST_AUTH"] && process.env["ST_USER"] && process.env["ST_KEY"]) {
      complain("zerovm: warning: ST_AUTH, ST_USER and ST_KEY are set, and go before this login");
    }
    return 0;
  } catch (error) {
    throw withPath(error, authUrl);
  } finally {
    client.close();
  }
}

const AUTH_PATH = "/auth/v1.0";

/** Who gives the address of a server, and no more, is told where one signs in. */
function withPath(error: unknown, authUrl: string): unknown {
  const isOdd = URL.canParse(authUrl) && /^\/*$/.test(new URL(authUrl).pathname);
  if (!isOdd || !(error instanceof ServiceError) || error.status === undefined) return error;
  const advice = `one signs in at ${printable(new URL(AUTH_PATH, authUrl).href)}`;
  return new ZvmError(error.code, `${error.message}; ${advice}`, { cause: error });
}

async function keyOf(parsed: ParsedOptions, user: string): Promise<string> {
  const isTyped = !parsed.has("key") && !process.env["ST_KEY"] && process.stdin.isTTY;
  if (isTyped) return await askSecret(`Key of ${printable(user)}: `);
  const given = wanted(parsed, "key", "ST_KEY");
  if (given !== "-") return given;
  const text = Buffer.from(readText("-")).toString();
  return text.replace(/\r?\n$/, "");
}

function wanted(parsed: ParsedOptions, option: string, variable: string): string {
  const value = parsed.last(option) ?? process.env[variable];
  if (value) return value;
  throw new ZvmError("ZVM_USAGE", `zerovm login: give --${option}, or set ${variable}`);
}
