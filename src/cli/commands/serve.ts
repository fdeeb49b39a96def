import { printable, ZvmError } from "../../base/index.ts";
import { type ResolvedConfig, resolveConfig } from "../../zerocloud/config/index.ts";
import { apiServer, judgeStart, type Started, serve } from "../../zerocloud/serve/index.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { readNamedText } from "../read-text.ts";
import { showFindings } from "../show-findings.ts";
import { listenToSignals } from "../stop-signals.ts";

/** `zerovm serve`. */
export const SERVE: Command = {
  name: "serve",
  usage: ["--data DIR [--host ADDRESS] [--port N] [--auth FILE] [--config FILE] [--json]"],
  description:
    "Serves the object store of a folder with the API of OpenStack Swift, for its clients. Users come\n" +
    "from an accounts file; without one the first start makes a user and shows the key once. It ends\n" +
    "in order on Ctrl-C or SIGTERM, reads the accounts again on SIGHUP, and logs to standard error.",
  options: [
    {
      name: "data",
      value: "DIR",
      isPath: true,
      help: "The data folder; made where it is not there",
    },
    { name: "host", value: "ADDRESS", help: "Listen at this address, unless 127.0.0.1" },
    { name: "port", value: "N", help: "Listen at this port, unless 8080; 0 is any" },
    { name: "auth", value: "FILE", isPath: true, help: "The accounts file" },
    { name: "config", value: "FILE", isPath: true, help: "All else, see 'zerovm config'" },
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm serve --data /srv/zerocloud", does: "a store at http://127.0.0.1:8080" },
    {
      line: "zerovm serve --data data --auth accounts.ini --port 0 --json",
      does: "a line of JSON with the URL says when it is ready",
    },
  ],
  notes: "Exit status: 0 stopped in order, 125 it could not start.",
  run: async (parsed) => await serveCommand(parsed),
};

const FAILED_STATUS = 125;
const FLAGS = ["data", "host", "port", "auth"] as const;

async function serveCommand(parsed: ParsedOptions): Promise<number> {
  if (parsed.operands.length > 0) {
    const [word = ""] = parsed.operands;
    throw new ZvmError("ZVM_USAGE", `zerovm serve: ${printable(word)} is no option; see --help`);
  }
  const { config, findings } = configOf(parsed);
  if (config === undefined) {
    showFindings(parsed.last("config") ?? "<options>", findings);
    return FAILED_STATUS;
  }
  const signals = listenToSignals();
  try {
    const announce = (started: Started): void => tell(started, parsed.has("json"));
    await judgeStart(config);
    await serve({ config, makeServer: apiServer, signals, announce });
    return 0;
  } finally {
    signals.release();
  }
}

function configOf(parsed: ParsedOptions): ResolvedConfig {
  const path = parsed.last("config");
  const flags = Object.fromEntries(FLAGS.map((flag) => [flag, parsed.last(flag)]));
  return resolveConfig({
    ...(path !== undefined && { file: { path, text: textOf(path) } }),
    environment: process.env,
    flags,
    folder: process.cwd(),
  });
}

function textOf(path: string): string {
  return Buffer.from(readNamedText(path)).toString("utf8");
}

function tell(started: Started, isJson: boolean): void {
  const { url, made, accountsPath } = started;
  if (isJson) {
    print(JSON.stringify({ url, authUrl: `${url}/auth/v1.0`, accountsPath, made }));
    return;
  }
  print(`Serving at ${url}, stop with Ctrl-C`);
  if (made === undefined) return;
  print(`Made ${printable(accountsPath)} with one user. Its key is shown this once:`);
  print(`export ST_AUTH=${url}/auth/v1.0 ST_USER=${made.user} ST_KEY=${made.key}`);
  complain("zerovm: the store can be reached by programs of this machine that have the key");
}
