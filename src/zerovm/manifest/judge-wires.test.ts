import { describe, expect, it } from "vitest";
import { manifestText } from "./conformance-cases.ts";
import { judgeChannels, parseManifest, rawAddress } from "./index.ts";

const STANDARD = [
  "/dev/null, /dev/stdin, 0, 0, 1, 1, 0, 0",
  "/dev/null, /dev/stdout, 0, 0, 0, 0, 1, 1",
  "/dev/null, /dev/stderr, 0, 0, 0, 0, 1, 1",
];
const SERVED = { NameServer: "udp:127.0.0.1:54321", Node: "2" };

/** What is found about channels: the first reads these sources, the second writes those. */
function found(read: string, written: string, changes: Record<string, string> = {}): string[] {
  const lines = [
    ...STANDARD,
    ...(read === "" ? [] : [`${read}, /dev/in, 0, 0, 1, 1, 0, 0`]),
    ...(written === "" ? [] : [`${written}, /dev/out, 0, 0, 0, 0, 1, 1`]),
  ];
  const { manifest, findings } = parseManifest(manifestText("/p", changes, lines));
  if (manifest === undefined) throw new Error(JSON.stringify(findings));
  return judgeChannels(manifest).map(({ state, message }) => (state === "" ? message : state));
}

describe("wires of a manifest", () => {
  it("may go to other sessions in all forms", () => {
    expect(found("tcp:0:5000", "tcp:16777343:5001")).toEqual([]);
    expect(found("tcp:127.0.0.1:5000", "tcp:127.0.0.1:5001;tcp:[::1]:5000")).toEqual([]);
    expect(found("tcp:0:5000", "tcp:10.0.0.7:5000")).toEqual([]);
    expect(found("tcp:1:;tcp:3:", "tcp:1:;tcp:3:", SERVED)).toEqual([]);
  });

  it("may not go to the session itself", () => {
    const self = "cannot bind /dev/out;0: it is a wire to this session itself";
    expect(found("tcp:10.0.0.7:5000", "tcp:10.0.0.7:5000")).toEqual([self]);
    expect(found("tcp:[::1]:5000", "tcp:[::1]:5000")).toEqual([self]);
    // A reader with a number waits at all addresses of its host.
    expect(found("tcp:7:5000", "tcp:16777343:5000")).toEqual([self]);
    expect(found("tcp:7:5000", "tcp:[::1]:5000")).toEqual([self]);
    expect(found("", "tcp:1:;tcp:2:", SERVED)).toEqual([self.replace(";0", ";1")]);
    expect(found("tcp:2:", "", SERVED)).toEqual([self.replace("out", "in")]);
  });

  it("may not go to it by another spelling of an address either", () => {
    const self = "cannot bind /dev/out;0: it is a wire to this session itself";
    expect(found("tcp:[::1]:5000", "tcp:[0::1]:5000")).toEqual([self]);
    expect(found("tcp:[::ffff:127.0.0.1]:5000", "tcp:127.0.0.1:5000")).toEqual([self]);
    expect(found("tcp:7:5000", "tcp:[0:0::ffff:7f00:1]:5000")).toEqual([self]);
    expect(found("tcp:[FE80::1%eth0]:5000", "tcp:[fe80:0::1%eth0]:5000")).toEqual([self]);
    expect(found("tcp:[fe80::1%eth0]:5000", "tcp:[fe80::1%eth1]:5000")).toEqual([]);
  });

  it("are one in each direction between two nodes that a name server knows", () => {
    const why = "there can be only one channel in each direction between two nodes";
    expect(found("tcp:3:;tcp:1:;tcp:3:6000", "tcp:3:", SERVED)).toEqual([
      `cannot bind /dev/in;2: ${why}`,
    ]);
    expect(found("", "tcp:3:;tcp:3:", SERVED)).toEqual([`cannot bind /dev/out;1: ${why}`]);
    // Without a name server the ports tell them apart.
    expect(found("tcp:3:5000;tcp:3:5001", "")).toEqual([]);
  });

  it("wait at a port each", () => {
    const why = "/dev/in of this session waits at that port already";
    expect(found("tcp:[::1]:5000;tcp:[::2]:5000;tcp:[0::1]:5000", "")).toEqual([
      `cannot bind /dev/in;2: ${why}`,
    ]);
    expect(found("tcp:127.0.0.1:5000;tcp:127.0.0.1:5001;tcp:127.0.0.2:5000", "")).toEqual([]);
  });

  it("have to say where they go", () => {
    expect(found("", "tcp::5000")).toEqual(["cannot bind /dev/out;0: it names no host"]);
    expect(found("", "tcp:127.0.0.1:")).toEqual(["cannot bind /dev/out;0: it names no port"]);
    expect(found("", "tcp::", SERVED)).toEqual(["cannot bind /dev/out;0: it names no node"]);
    expect(found("tcp:1:", "")).toEqual([
      "Channel /dev/in waits at any free port for tcp:1:, and no writer can know which",
    ]);
  });

  it("may be as many as a manifest holds", () => {
    // Compared each with each they took a minute.
    const at = (host: string, limits: string) =>
      Array.from({ length: 2500 }, (_, index) => {
        const word = (index + 1).toString(16);
        const sources = `tcp:[${host}:${word}:0:1]:5000;tcp:[${host}:${word}:0:2]:5000`;
        return `${sources}, /dev/${host}/${index}, 0, 0, ${limits}`;
      });
    const lines = [...STANDARD, ...at("fd00:", "1, 1, 0, 0"), ...at("fd01:", "0, 0, 1, 1")];
    const { manifest, findings } = parseManifest(manifestText("/p", {}, lines));
    expect(findings).toEqual([]);
    expect(manifest && judgeChannels(manifest)).toEqual([]);
  });

  it("are told where they stand", () => {
    const text = manifestText("/p", {}, [...STANDARD, "tcp::1, /dev/out, 0, 0, 0, 0, 1, 1"]);
    const { manifest } = parseManifest(text);
    expect(manifest && judgeChannels(manifest)).toMatchObject([
      {
        message: "Source tcp::1 of channel /dev/out cannot be connected: it names no host",
        line: 9,
      },
    ]);
  });

  it("are told of name servers where they lead to a number", () => {
    const text = manifestText("/p", {}, [...STANDARD, "tcp:2:, /dev/out, 0, 0, 0, 0, 1, 1"]);
    const { manifest } = parseManifest(text);
    expect(manifest && judgeChannels(manifest)).toMatchObject([
      {
        expected: "tcp:ADDRESS:PORT, or a name server (--name-server) that knows where node 2 is",
      },
    ]);
  });

  it("know a number as an address with its lowest byte first", () => {
    expect(rawAddress(16777343)).toBe("127.0.0.1");
    expect(rawAddress(2 ** 32 - 1)).toBe("255.255.255.255");
  });
});
