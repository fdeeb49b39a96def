import { byteStringOfText, textOf } from "../../base/index.ts";
import { shown, stated } from "./finding.ts";
import type { LineReport } from "./line-report.ts";
import type { NetworkHost, NetworkProtocol, NetworkSource, Source } from "./manifest.ts";
import { splitToken, type Token } from "./token.ts";

/** What the parser expects of a port; others are cut, as the original did. */
export const PORT_RANGE = "0 to 65535";

const PROTOCOLS: readonly NetworkProtocol[] = ["tcp", "udp", "ipc", "inproc", "pgm", "epgm"];

/** Only dotted decimal, four parts, no leading zeros: the strict form of an address. */
const ADDRESS_PART = /^(0|[1-9][0-9]{0,2})$/;

/** Reads one source of a channel, or a name server, which has the same forms. */
export function readSource(report: LineReport, token: Token): Source | undefined {
  const [scheme, host, port] = splitSource(token);
  const protocol = PROTOCOLS.find((word) => word === scheme?.text.toLowerCase());
  if (protocol !== undefined && host !== undefined && port !== undefined) {
    return readNetwork(report, { token, protocol, host, port });
  }
  if (token.text === "" || protocol !== undefined) return badForm(report, token);
  if (host !== undefined) return badName(report, token);
  return readPath(report, token);
}

/** Three parts at most; brackets keep the colons of an IPv6 address together. */
function splitSource(token: Token): Token[] {
  const parts = splitToken(token, ":", 3);
  const [scheme, rest] = splitToken(token, ":", 2);
  const end = rest?.text.indexOf("]") ?? -1;
  if (scheme === undefined || rest?.text.startsWith("[") !== true || end < 0) return parts;
  const host = { text: rest.text.slice(0, end + 1), offset: rest.offset };
  const behind = { text: rest.text.slice(end + 1), offset: rest.offset + end + 1 };
  const [between, port] = splitToken(behind, ":", 2);
  if (between?.text !== "") return parts;
  return port === undefined ? [scheme, host] : [scheme, host, port];
}

function badForm(report: LineReport, token: Token): undefined {
  const isEmpty = token.text === "";
  return report.error(token, {
    message: isEmpty ? "Source is empty" : `Source has too few parts: ${shown(token.text)}`,
    state: "invalid channel url",
    expected: isEmpty ? "an absolute path or tcp:HOST:PORT" : "PROTOCOL:HOST:PORT",
  });
}

function badName(report: LineReport, token: Token): undefined {
  const isPath = token.text.startsWith("/");
  return report.error(token, {
    message: isPath
      ? `Path has a colon, which a manifest cannot hold: ${shown(token.text)}`
      : `Source has an unknown protocol: ${shown(token.text)}`,
    state: "invalid channel name",
    expected: "an absolute path without a colon, or tcp:HOST:PORT",
    ...(isPath ? { hint: "Rename the file, or give it a symbolic link without a colon" } : {}),
  });
}

function readPath(report: LineReport, token: Token): Source | undefined {
  if (!token.text.startsWith("/")) {
    return report.error(token, {
      message: `Path is not absolute: ${shown(token.text)}`,
      state: "only absolute path channels are allowed",
      expected: "a path that starts with /",
    });
  }
  const path = readText(report, token, "Path");
  return path === undefined ? undefined : { kind: "path", path };
}

/** Host names are text: bytes that are no UTF-8 would silently name another file. */
export function readText(report: LineReport, token: Token, what: string): string | undefined {
  const text = textOf(token.text);
  if (byteStringOfText(text) === token.text) return text;
  return report.error(token, {
    message: `${what} is not UTF-8: ${shown(token.text)}`,
    state: "invalid channel name",
    expected: "a name in UTF-8",
  });
}

interface NetworkParts {
  readonly token: Token;
  readonly protocol: NetworkProtocol;
  readonly host: Token;
  readonly port: Token;
}

function readNetwork(report: LineReport, parts: NetworkParts): NetworkSource | undefined {
  const { token, protocol } = parts;
  if (isBareIPv6(parts)) return bareIPv6(report, parts);
  const host = readHost(report, parts.host);
  const port = report.number(parts.port, "Port");
  const text = readText(report, token, "Source");
  if (host === undefined || port === undefined || text === undefined) return undefined;
  const bits = Number(BigInt.asUintN(16, port));
  if (port < 0n || port > 65_535n) {
    report.warning(parts.port, `Port ${port} is cut to 16 bits: ${bits}`, {
      expected: PORT_RANGE,
    });
  }
  return { kind: "network", protocol, host, port: bits, text };
}

/** The colons of the address took it apart: what stands last is no port. */
function isBareIPv6({ host, port }: NetworkParts): boolean {
  if (!port.text.includes(":")) return false;
  const { isIPv6 } = process.getBuiltinModule("node:net");
  const rest = `${host.text}:${port.text}`;
  return isIPv6(rest) || isIPv6(rest.slice(0, rest.lastIndexOf(":")));
}

function bareIPv6(report: LineReport, { token, port }: NetworkParts): undefined {
  return report.error(token, {
    message: `IPv6 address of a source is not in brackets: ${shown(token.text)}`,
    state: `invalid numeric value '${stated(port.text)}'`,
    expected: "brackets around it, as in tcp:[::1]:5000",
  });
}

const NODE_OR_ADDRESS =
  "an address like 127.0.0.1 or [::1], as names of hosts are not looked up, or the number of a node";

function readHost(report: LineReport, token: Token): NetworkHost | undefined {
  if (token.text.startsWith("[")) return readIPv6(report, token);
  if (!token.text.includes(".")) {
    const id = report.number(token, "Node of a source", undefined, NODE_OR_ADDRESS);
    if (id === undefined) return undefined;
    return { kind: "node", id: Number(BigInt.asUintN(32, id)) };
  }
  const parts = token.text.split(".");
  const isAddress =
    parts.length === 4 && parts.every((part) => ADDRESS_PART.test(part) && Number(part) <= 255);
  if (isAddress && parts.some((part) => part !== "0")) {
    return { kind: "address", address: token.text };
  }
  return report.error(token, {
    message: `Address of a source is malformed: ${shown(token.text)}`,
    state: "malformed ip token",
    expected: "an IPv4 address like 192.168.0.1, not 0.0.0.0 and no name of a host",
  });
}

function readIPv6(report: LineReport, token: Token): NetworkHost | undefined {
  const address = token.text.slice(1, -1);
  const { isIPv6 } = process.getBuiltinModule("node:net");
  // All-zero is every address of a host, and none that a wire could go to.
  if (token.text.endsWith("]") && isIPv6(address) && !/^[0:.]*$/.test(address)) {
    return { kind: "address", address };
  }
  return report.error(token, {
    message: `Address of a source is malformed: ${shown(token.text)}`,
    state: "malformed ip token",
    expected: "an IPv6 address in brackets like [::1], not [::]",
  });
}
