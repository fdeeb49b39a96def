import { ZvmError } from "../base/index.ts";
import type { RunOptions } from "../zerovm/index.ts";
import { complain } from "./command.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

/** What sessions with network channels are told besides their channels. */
export const NETWORK_OPTIONS: readonly OptionSpec[] = [
  {
    name: "node",
    value: "N",
    help: "Number of this session among those that its tcp channels lead to (-c tcp:N:,…)",
  },
  {
    name: "name-server",
    value: "udp:HOST:PORT",
    help: "Who tells tcp channels where the nodes are that they name by number",
  },
  {
    name: "key",
    value: "FILE",
    isPath: true,
    help: "Seal tcp channels with the key in FILE, which their other ends have as well",
  },
];

const NODE_MAX = 2 ** 31 - 1;

/**
 * What a command line says of the network.
 * @throws ZvmError ZVM_USAGE naming the option that cannot be understood
 */
export function networkOf(
  parsed: ParsedOptions,
): Pick<RunOptions, "node" | "nameServer" | "keyFile"> {
  const node = parsed.last("node");
  const nameServer = parsed.last("name-server");
  const keyFile = parsed.last("key");
  if (node !== undefined && nameServer === undefined) {
    complain("zerovm: warning: --node means nothing without --name-server");
  }
  const isAlone = !parsed.all("channel").some((fields) => /(?:^|;)tcp:/i.test(fields));
  for (const name of ["name-server", "key"].filter((name) => isAlone && parsed.has(name))) {
    complain(`zerovm: warning: --${name} means nothing without a network channel (-c tcp:…)`);
  }
  return {
    ...(node !== undefined && { node: readNode(node) }),
    ...(nameServer !== undefined && { nameServer }),
    ...(keyFile !== undefined && { keyFile }),
  };
}

function readNode(text: string): number {
  const node = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (node >= 1 && node <= NODE_MAX) return node;
  throw new ZvmError("ZVM_USAGE", `--node is a number from 1 to ${NODE_MAX}, not '${text}'`);
}
