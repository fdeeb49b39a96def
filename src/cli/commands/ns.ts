import { printable, ZvmError } from "../../base/index.ts";
import { listOf, type NameEvent, type NameSummary, serveNames } from "../../zerovm/index.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import { catchInterrupts } from "../interrupt.ts";
import type { ParsedOptions } from "../options.ts";
import { readTimeout } from "../read-timeout.ts";
import { counted } from "../show-findings.ts";
import { wholeNumber } from "../whole-number.ts";

const HOST = "127.0.0.1";
/** Where the manifests of the original had it. */
const PORT = 54_321;
const PORT_MAX = 65_535;
const NODES_MAX = 65_535;
const LINGER_SECONDS = 2;
const LINGER_SECONDS_MAX = 86_400;
const TIMEOUT_STATUS = 124;

/** `zerovm ns`. */
export const NS: Command = {
  name: "ns",
  usage: ["--nodes N [options]"],
  description:
    "Serves names to sessions on different hosts: each session that has NameServer and Node in its\n" +
    "manifest tells here at which ports it waits and whom it looks for, and all are answered once all\n" +
    "have. They wait for 3.6 seconds at most: start them together. It ends by itself.",
  options: [
    { name: "nodes", value: "N", help: "Sessions with network channels that will report" },
    {
      name: "host",
      value: "ADDRESS",
      help: `IPv4 address to listen at (default ${HOST}, this host only)`,
    },
    { name: "port", value: "PORT", help: `UDP port (default ${PORT}; 0: any free one)` },
    {
      name: "linger",
      value: "SECONDS",
      help: `Answer again for so long, where answers were lost (default ${LINGER_SECONDS})`,
    },
    { name: "timeout", value: "SECONDS", help: "Give up where nodes are missing after this time" },
    { ...JSON_OPTION, help: "Print JSON for programs, a line for each event" },
  ],
  examples: [
    {
      line: "zerovm ns --nodes 3 --host 10.0.0.1",
      does: "for manifests with NameServer = udp:10.0.0.1:54321",
    },
    { line: "zerovm ns --nodes 2 --port 0 --json", does: "the first line says which port it took" },
  ],
  notes:
    "Exit status: 0 where all nodes were answered, 124 where some are missing at --timeout, 130 at\n" +
    "Ctrl-C and 143 at SIGTERM, 125 where it cannot listen.\n" +
    "The address of a node is the one that its request came from: nodes on this host ask by the\n" +
    "address that the others use too. Nothing proves who a node is, as in the original; a Key in the\n" +
    "manifests does, between the sessions.",
  run: async (parsed) => serve(parsed),
};

async function serve(parsed: ParsedOptions): Promise<number> {
  const settings = readSettings(parsed);
  const interrupts = catchInterrupts();
  try {
    const { nodes, isJson, timeoutMs } = settings;
    const signals = [interrupts.signal];
    if (timeoutMs !== undefined) signals.push(AbortSignal.timeout(timeoutMs));
    const signal = AbortSignal.any(signals);
    const onEvent = (event: NameEvent): void => showEvent(event, nodes, isJson);
    const { address, port, ended } = await serveNames({ ...settings, signal, onEvent });
    if (isJson) print(JSON.stringify({ event: "listening", address, port, nodes }));
    else print(`zerovm ns: waits for ${counted(nodes, "node")} at ${address}, UDP port ${port}`);
    const summary = await ended;
    showEnd(summary, nodes, isJson);
    return summary.isComplete ? 0 : (interrupts.status() ?? TIMEOUT_STATUS);
  } finally {
    interrupts.release();
  }
}

interface Settings {
  readonly nodes: number;
  readonly host: string;
  readonly port: number;
  readonly lingerMs: number;
  readonly timeoutMs: number | undefined;
  readonly isJson: boolean;
}

function readSettings(parsed: ParsedOptions): Settings {
  const [extra] = parsed.operands;
  if (extra !== undefined) throw usage(`takes no operand '${printable(extra)}'`);
  const nodes = wholeNumber(parsed, "nodes", NODES_MAX);
  if (nodes === undefined) throw usage("say how many nodes will report with --nodes N");
  const host = parsed.last("host") ?? HOST;
  if (host.includes(":")) {
    throw usage(
      `--host is an IPv4 address, not '${printable(host)}': answers have room for no more`,
    );
  }
  const port = wholeNumber(parsed, "port", PORT_MAX, 0) ?? PORT;
  const timeoutMs = readPatience(parsed.last("timeout"));
  const lingerMs = readLinger(parsed.last("linger"));
  return { nodes, host, port, lingerMs, timeoutMs, isJson: parsed.has("json") };
}

/** The longest that a timer of Node can run; more than that is for ever. */
const TIMER_MS_MAX = 2 ** 31 - 1;

function readPatience(text: string | undefined): number | undefined {
  const timeoutMs = text === undefined ? Infinity : readTimeout(text, "--timeout") * 1000;
  return timeoutMs > TIMER_MS_MAX ? undefined : timeoutMs;
}

function readLinger(text: string | undefined): number {
  if (text === undefined) return LINGER_SECONDS * 1000;
  const seconds = /^\d+(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= LINGER_SECONDS_MAX) return Math.round(seconds * 1000);
  throw usage(`--linger is seconds from 0 to ${LINGER_SECONDS_MAX}, not '${printable(text)}'`);
}

function usage(what: string): ZvmError {
  return new ZvmError("ZVM_USAGE", `zerovm ns: ${what}; see 'zerovm ns --help'`);
}

function showEvent(event: NameEvent, nodes: number, isJson: boolean): void {
  if (isJson) {
    const { kind, ...rest } = event;
    print(JSON.stringify({ event: kind, ...rest }));
    return;
  }
  if (event.kind === "reported") {
    print(`node ${event.node} reported from ${event.address}, ${event.count} of ${nodes}`);
  } else if (event.kind === "claimed") {
    const [former, now] = [event.former, event.now].map((it) => `${it.address}:${it.port}`);
    const which = `from ${former} and from ${now}; the later one counts`;
    complain(`zerovm ns: node ${event.node} was reported twice, ${which}`);
  } else if (event.kind === "refused") {
    complain(`zerovm ns: a request from ${event.address} was not taken: ${event.why}`);
  } else {
    for (const { node, peer } of event.unmatched.slice(0, UNMATCHED_SHOWN)) {
      complain(`zerovm ns: node ${node} looks for node ${peer}, which does not wait for it`);
    }
    print("all nodes reported, and were answered");
  }
}

/** Further ones are wrong for the same reason. */
const UNMATCHED_SHOWN = 10;

function showEnd(summary: NameSummary, nodes: number, isJson: boolean): void {
  if (isJson) {
    print(JSON.stringify({ event: "ended", ...summary }));
    return;
  }
  const { isComplete, reported, awaited, malformedCount, refusedCount } = summary;
  if (malformedCount > 0) {
    complain(`zerovm ns: not understood: ${counted(malformedCount, "datagram")}`);
  }
  if (refusedCount > 0) complain(`zerovm ns: not taken: ${counted(refusedCount, "request")}`);
  if (isComplete) return;
  const missing = nodes - reported.length;
  const known = awaited.length === 0 ? "" : `; the others named ${listOf(awaited)}`;
  const who = reported.length === 0 ? "" : ` (${listOf(reported)})`;
  complain(
    `zerovm ns: ended with ${reported.length} of ${counted(nodes, "node")}${who}, ` +
      `${missing} missing${known}`,
  );
}
