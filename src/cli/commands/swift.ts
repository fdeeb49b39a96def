import { ZvmError } from "../../base/index.ts";
import type { Command } from "../command.ts";
import { JSON_OPTION } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { runCoordinator } from "../swift-coordinator.ts";
import { runWorker } from "../swift-worker.ts";

/** `zerovm swift`. */
export const SWIFT: Command = {
  name: "swift",
  usage: [
    "coordinator --socket PATH --secret-file FILE [--config FILE] [--json]",
    "worker --socket PATH [--sessions N] [--config FILE] [--json]",
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
    { name: "sessions", value: "N", help: "Sessions at one time, unless 2 for each processor" },
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

async function swiftCommand(parsed: ParsedOptions): Promise<number> {
  const [verb, ...more] = parsed.operands;
  if (more.length > 0 || (verb !== "coordinator" && verb !== "worker")) {
    const message = "zerovm swift: say coordinator or worker; see 'zerovm swift --help'";
    throw new ZvmError("ZVM_USAGE", message);
  }
  const socket = parsed.last("socket");
  if (socket === undefined) {
    throw new ZvmError("ZVM_USAGE", `zerovm swift ${verb}: name its socket with --socket PATH`);
  }
  return verb === "coordinator"
    ? await runCoordinator(parsed, socket)
    : await runWorker(parsed, socket);
}
