import { ZvmError } from "../../base/index.ts";
import { resolveConfig, type ServerConfig } from "../../zerocloud/config/index.ts";
import {
  serveCoordinator,
  serveWorker,
  type WiresAddress,
  type WorkerSettings,
} from "../../zerocloud/swift/index.ts";
import { type Command, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { readNamedText } from "../read-text.ts";
import { showFindings } from "../show-findings.ts";
import { listenToSignals } from "../stop-signals.ts";

/** `zerovm swift`. */
export const SWIFT: Command = {
  name: "swift",
  usage: [
    "coordinator --socket PATH --secret-file FILE [--data DIR] [--config FILE] [--json]",
    "worker --socket PATH [--sessions N] [--wires HOST:PORT] [--config FILE] [option …]",
  ],
  description:
    "ZeroCloud inside a cluster of OpenStack Swift: the coordinator, one beside each proxy, takes the\n" +
    "jobs that the filter of the proxy passes on; the worker, one on each storage host, runs their\n" +
    "nodes beside the objects, with nothing but what the object server hands it. Both end in order on\n" +
    "Ctrl-C or SIGTERM, and log to standard error.",
  options: [
    { name: "socket", value: "PATH", isPath: true, help: "Listen at this Unix socket" },
    {
      name: "secret-file",
      value: "FILE",
      isPath: true,
      help: "The secret of the cluster, as the object servers have it",
    },
    {
      name: "data",
      value: "DIR",
      isPath: true,
      help: "Where the coordinator keeps which deferred jobs are under way",
    },
    {
      name: "status",
      value: "PATH",
      isPath: true,
      help: "A Unix socket where the worker answers /healthz, /readyz and /metrics",
    },
    { name: "sessions", value: "N", help: "Sessions at one time, unless 2 for each processor" },
    {
      name: "wires",
      value: "HOST:PORT",
      help: "Where wires of other workers come, unless all addresses and any free port",
    },
    {
      name: "config",
      value: "FILE",
      isPath: true,
      help: "Limits, images, log: see 'zerovm config'",
    },
    JSON_OPTION,
  ],
  words: ["coordinator", "worker"],
  examples: [
    {
      line: "zerovm swift worker --socket /run/zerocloud/worker.sock",
      does: "runs what the object server of this host brings",
    },
  ],
  notes: "Exit status: 0 stopped in order, 125 it could not start.",
  run: async (parsed) => await swiftCommand(parsed),
};

const FAILED_STATUS = 125;

async function swiftCommand(parsed: ParsedOptions): Promise<number> {
  const [verb, ...more] = parsed.operands;
  if (more.length > 0 || (verb !== "coordinator" && verb !== "worker")) {
    const message = "zerovm swift: say coordinator or worker; see 'zerovm swift --help'";
    throw new ZvmError("ZVM_USAGE", message);
  }
  const socket = needed(parsed, "socket", verb);
  const config = configOf(parsed);
  if (config === undefined) return FAILED_STATUS;
  const signals = listenToSignals();
  const announce = (): void => tell(verb, socket, parsed.has("json"));
  const request = { config, socket, stop: signals.stop, announce };
  try {
    if (verb === "worker") await serveWorker(request, workerSettings(parsed));
    else {
      const secretFile = needed(parsed, "secret-file", verb);
      const data = parsed.last("data");
      await serveCoordinator(request, { secretFile, ...(data !== undefined && { data }) });
    }
    return 0;
  } finally {
    signals.release();
  }
}

function needed(parsed: ParsedOptions, flag: string, verb: string): string {
  const value = parsed.last(flag);
  if (value !== undefined) return value;
  throw new ZvmError("ZVM_USAGE", `zerovm swift ${verb}: --${flag} is missing`);
}

function workerSettings(parsed: ParsedOptions): WorkerSettings {
  const sessions = numberOf(parsed, "sessions", 1);
  const warm = numberOf(parsed, "warm", 0);
  const status = parsed.last("status");
  const wires = parsed.last("wires");
  return {
    ...(sessions !== undefined && { sessions }),
    ...(warm !== undefined && { warm }),
    ...(status !== undefined && { status }),
    ...(wires !== undefined && { wires: wiresAddress(wires) }),
  };
}

const PORT_MAX = 65_535;
/** Addresses that mean all of them. */
const EVERYWHERE = new Set(["", "*", "0.0.0.0", "::"]);

function wiresAddress(text: string): WiresAddress {
  const [, bracketed, plain = "", digits] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > PORT_MAX) {
    const example = "10.0.0.5:6300, [fd00::5]:6300, or :6300 for all addresses";
    throw new ZvmError("ZVM_USAGE", `--wires ${text} is no HOST:PORT, as in ${example}`);
  }
  const host = bracketed ?? plain;
  return EVERYWHERE.has(host) ? { port } : { host, port };
}

const NUMBER_MAX = 9999;

function numberOf(parsed: ParsedOptions, flag: string, least: number): number | undefined {
  const text = parsed.last(flag);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d{1,4}$/.test(text) && number >= least) return number;
  throw new ZvmError("ZVM_USAGE", `--${flag} ${text} is no number from ${least} to ${NUMBER_MAX}`);
}

/** @returns undefined where it has errors, which were shown */
function configOf(parsed: ParsedOptions): ServerConfig | undefined {
  const path = parsed.last("config");
  const { config, findings } = resolveConfig({
    ...(path !== undefined && {
      file: { path, text: Buffer.from(readNamedText(path)).toString("utf8") },
    }),
    environment: process.env,
    flags: {},
    folder: process.cwd(),
  });
  if (config === undefined) showFindings(path ?? "<options>", findings);
  return config;
}

function tell(what: string, socket: string, isJson: boolean): void {
  print(isJson ? JSON.stringify({ ready: what, socket }) : `The ${what} listens at ${socket}`);
}
