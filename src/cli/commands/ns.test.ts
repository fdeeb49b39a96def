import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { Shell, type Started } from "../../../test/support/shell.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();
const shells: Shell[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  for (const shell of shells.splice(0)) await shell.end();
});

/** The observed requests of a reader and of a writer, and the answer to the writer. */
const READER = "000000020000000100000000" + "00000001ab19";
const WRITER = "000000010000000000000001" + "000000020000";
const TO_WRITER = "000000010000000000000001" + "7f000001ab19";

const BOTH = ["--nodes", "2"];

interface Serving extends Started {
  readonly port: number;
  /** What it printed so far. */
  printed(): string;
}

const LISTENING = /UDP port (\d+)\n|"port":(\d+)/;

async function serving(...argv: readonly string[]): Promise<Serving> {
  const shell = new Shell(newFolder());
  shells.push(shell);
  const started = shell.zerovm("ns", "--port", "0", ...argv);
  let printed = "";
  started.child.stdout?.on("data", (chunk: Buffer) => {
    printed += chunk.toString("latin1");
  });
  await expect.poll(() => printed, { timeout: 20_000 }).toMatch(LISTENING);
  const [, plain, json] = LISTENING.exec(printed) ?? [];
  return { ...started, port: Number(plain ?? json), printed: () => printed };
}

/** A node: it sends its request, and says what it is answered in hexadecimal. */
async function node(port: number, request: string): Promise<{ answer: Promise<string> }> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  const answer = once(socket, "message").then(([bytes]: Buffer[]) => bytes?.toString("hex") ?? "");
  socket.send(Buffer.from(request, "hex"), port, "127.0.0.1");
  return { answer };
}

describe("zerovm ns", () => {
  test("brings two nodes together and ends", async () => {
    const { port, end, printed } = await serving(
      ...BOTH,
      "--linger",
      "0",
      "--timeout",
      "2147483647",
    );
    const reader = await node(port, READER);
    await expect.poll(printed).toContain("node 2 reported");
    const writer = await node(port, WRITER);
    expect(await Promise.all([reader.answer, writer.answer])).toEqual([READER, TO_WRITER]);
    expect(await end).toEqual({
      status: 0,
      stdout:
        `zerovm ns: waits for 2 nodes at 127.0.0.1, UDP port ${port}\n` +
        "node 2 reported from 127.0.0.1, 1 of 2\n" +
        "node 1 reported from 127.0.0.1, 2 of 2\n" +
        "all nodes reported, and were answered\n",
      stderr: "",
    });
  });

  test("--json has a line for each event", async () => {
    const { port, end } = await serving("--nodes", "1", "--linger", "0.2", "--json");
    const { answer } = await node(port, WRITER);
    expect(await answer).toBe("000000010000000000000001" + "000000000000");
    await node(port, "00");
    const { status, stdout } = await end;
    const lines = stdout.trim().split("\n");
    expect(status).toBe(0);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { event: "listening", address: "127.0.0.1", port, nodes: 1 },
      { event: "reported", node: 1, address: "127.0.0.1", count: 1 },
      { event: "complete", unmatched: [{ node: 1, peer: 2 }] },
      {
        event: "ended",
        isComplete: true,
        reported: [1],
        awaited: [2],
        malformedCount: 1,
        refusedCount: 0,
      },
    ]);
  });

  test("says at Ctrl-C who is missing", async () => {
    const { port, end, child, printed } = await serving("--nodes", "3");
    await node(port, WRITER);
    await node(port, "not a request");
    await expect.poll(printed).toContain("1 of 3");
    child.kill("SIGINT");
    const { status, stderr } = await end;
    expect([status, stderr]).toEqual([
      130,
      "zerovm ns: not understood: 1 datagram\n" +
        "zerovm ns: ended with 1 of 3 nodes (1), 2 missing; the others named 2\n",
    ]);
  });

  test("gives up at --timeout, and tells nodes that look for others in vain", async () => {
    const { end } = await serving("--nodes", "1", "--timeout", "0.05");
    expect(await end).toMatchObject({
      status: 124,
      stderr: "zerovm ns: ended with 0 of 1 node, 1 missing\n",
    });
    const other = await serving("--nodes", "1", "--linger", "0", "--timeout", "20");
    await node(other.port, WRITER);
    expect(await other.end).toMatchObject({
      status: 0,
      stderr: "zerovm ns: node 1 looks for node 2, which does not wait for it\n",
    });
  });

  test("cannot listen twice at one port", async () => {
    const { port } = await serving("--nodes", "1");
    const { status, stderr } = await captured(["ns", "--nodes", "1", "--port", `${port}`]);
    expect([status, stderr]).toEqual([
      125,
      `zerovm: The name server cannot listen at 127.0.0.1, UDP port ${port}: ` +
        "the port is taken (port 0 takes any that is free)\n",
    ]);
  });

  test.each([
    [[], "zerovm ns: say how many nodes will report with --nodes N; see 'zerovm ns --help'"],
    [["--nodes", "0"], "zerovm: --nodes is a number from 1 to 65535, not '0'"],
    [["--nodes", "2", "x"], "zerovm ns: takes no operand 'x'; see 'zerovm ns --help'"],
    [
      ["--nodes", "2", "--port", "65536"],
      "zerovm: --port is a number from 0 to 65535, not '65536'",
    ],
    [
      ["--nodes", "2", "--linger", "-1"],
      "zerovm ns: --linger is seconds from 0 to 86400, not '-1'; see 'zerovm ns --help'",
    ],
    [
      ["--nodes", "2", "--host", "::1"],
      "zerovm ns: --host is an IPv4 address, not '::1': answers have room for no more; " +
        "see 'zerovm ns --help'",
    ],
  ])("%j", async (argv, message) => {
    const { status, stderr } = await captured(["ns", ...argv]);
    expect([status, stderr]).toEqual([125, `${message}\n`]);
  });
});
